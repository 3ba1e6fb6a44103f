// The shared data sets, as they are: each opens, every file value is there, sizes as their READMEs
// say.
#include "data_test.h"

namespace braid::data_test {
namespace {

struct Case {
  const char* set;
  std::map<std::string, std::string> files;
  std::vector<std::pair<std::string, std::string>> rename;
  std::vector<const char*> file_columns;
  std::vector<std::pair<std::string, int64_t>> sizes;
  std::vector<std::string> roots;
};

std::map<std::string, std::string> three(const std::string& prefix = "",
                                         const std::string& suffix = "") {
  std::map<std::string, std::string> files;
  for (const std::string split : {"train", "val", "test"})
    files[split] = prefix + split + suffix + ".jsonl";
  return files;
}

std::map<std::string, std::vector<std::string>> lists(
    const std::map<std::string, std::string>& files) {
  std::map<std::string, std::vector<std::string>> lists;
  for (const auto& [split, file] : files) lists[split] = {file};
  return lists;
}

class SharedData : public testing::TestWithParam<Case> {};

TEST_P(SharedData, OpensAndEveryFileIsThere) {
  const Case& c = GetParam();
  const auto folder = shared_data(c.set);
  if (folder.empty()) GTEST_SKIP() << c.set << " is not here";
  DataConfig config;
  config.files = lists(c.files);
  config.allow_roots = c.roots;
  config.rename.insert(c.rename.begin(), c.rename.end());
  std::vector<FieldSource> fields;
  for (const char* column : c.file_columns) fields.push_back({column, "image", {{"", {column}}}});
  const auto data = open_dataset(config, fields, folder);
  for (const auto& [split, size] : c.sizes) {
    EXPECT_EQ(static_cast<int64_t>(data->rows(split).size()), size) << split;
  }
  const int64_t step = std::max<int64_t>(1, data->size() / 300);
  for (int64_t row = 0; row < data->size(); row += step) {
    for (size_t field = 0; field < fields.size(); ++field) {
      for (const auto& value : data->values(row, field, 0)) {
        ASSERT_GT(fetch(value, 64 << 20).size(), 0u) << data->where(row);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, SharedData,
    testing::Values(
        Case{
            "flickr8k", three(), {}, {"image"}, {{"train", 3000}, {"val", 300}, {"test", 500}}, {}},
        Case{"flickr8k_spoken",
             three(),
             {},
             {"audio", "flickr8k_image"},
             {{"train", 240}, {"test", 60}},
             {"../flickr8k"}},
        Case{"av_digits", three("", "-audio"), {}, {"audio"}, {{"train", 2000}}, {}},
        Case{"av_digits",
             three("", "-pairs"),
             {},
             {"audio_key", "image_file"},
             {{"train", 4000}, {"val", 250}, {"test", 250}},
             {}},
        Case{"chest_xray", three(), {}, {"image"}, {{"train", 154}, {"val", 35}, {"test", 43}}, {}},
        Case{"easy_vqa", {{"test", "test.jsonl"}}, {}, {"image"}, {{"test", 4786}}, {}},
        Case{"esc10", three(), {}, {"audio"}, {{"train", 160}}, {}},
        Case{"face_expressions", three(), {}, {"image"}, {{"train", 961}}, {}},
        Case{"sign_digits", three(), {}, {"image"}, {{"train", 1250}}, {}},
        Case{"kaykit_meshes", three(), {}, {"mesh"}, {{"train", 255}}, {}},
        Case{"grid_av_speech", three(), {}, {"video"}, {{"train", 240}}, {}},
        Case{"driving", three("sim_drive_"), {}, {"center", "left"}, {{"train", 578}}, {}},
        Case{"driving", {{"all", "kitti_object.jsonl"}}, {}, {"camera", "lidar"}, {{"all", 3}}, {}},
        Case{"driving", {{"all", "sustech.jsonl"}}, {}, {"cameras.front.file"}, {{"all", 3}}, {}},
        Case{"driving",
             {{"all", "nuscenes_frame.jsonl"}},
             {},
             {"cameras.CAM_BACK.file"},
             {{"all", 1}},
             {}},
        Case{"bad_inputs", {{"all", "manifest.jsonl"}}, {}, {}, {{"all", 220}}, {}}));

TEST(SharedData, Flickr8kHasFiveCaptionsInTwoLanguages) {
  const auto folder = shared_data("flickr8k");
  if (folder.empty()) GTEST_SKIP() << "flickr8k is not here";
  DataConfig config;
  config.files = {{"test", {"test.jsonl"}}};
  config.key = "id";
  const auto data = open_dataset(
      config, {{"text", "text", {{"en", {"captions_en"}}, {"zh", {"captions_zh"}}}}}, folder);
  EXPECT_EQ(data->key(0), "1056338697_4f7d7ce270");
  EXPECT_EQ(data->values(0, 0, 0).size(), 5u);
  EXPECT_EQ(data->values(0, 0, 1)[0].text, "正在等车的女人。");
}

TEST(SharedData, Flickr8kCannotBeKeyedByItsNumbersOverAllSplits) {
  const auto folder = shared_data("flickr8k");
  if (folder.empty()) GTEST_SKIP() << "flickr8k is not here";
  DataConfig config;
  config.files = lists(three());
  config.key = "key";
  expect_error(ErrorCode::kInput, {"train.jsonl:1", "'000000' stands twice", "test.jsonl:1"},
               [&] { open_dataset(config, {}, folder); });
}

}  // namespace
}  // namespace braid::data_test
