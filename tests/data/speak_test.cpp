#include "braid/data/speak.h"

#include <nlohmann/json.hpp>

#include "data_test.h"

namespace braid::data_test {
namespace {

using Json = nlohmann::json;

class SpeakTest : public DataTest {
 protected:
  void SetUp() override {
    DataTest::SetUp();
    try {
      Speaker();
    } catch (const Error&) {
      GTEST_SKIP() << "libespeak-ng1 and espeak-ng-data needed";
    }
  }

  SpeakConfig config() const {
    SpeakConfig config;
    config.data = one_manifest("set/all.jsonl");
    config.base = folder_;
    config.column = "captions";
    config.output = folder_ / "read";
    return config;
  }
};

TEST_F(SpeakTest, EveryTextHasARowAndASoundAndFilesAreFoundFromTheNewPlace) {
  write("set/a.jpg", "picture a");
  write("set/b.tar", tar_of({{"b.jpg", "picture b"}}));
  write("set/all.jsonl",
        "{\"id\": 1, \"image\": \"a.jpg\", \"captions\": [\"a dog\", \"a red ball\", \"a cat\"]}\n"
        "{\"id\": 2, \"image\": \"b.jpg\", \"shard\": \"b.tar\", \"captions\": [\"a dog\"]}\n"
        "{\"id\": 3, \"image\": \"a.jpg\", \"captions\": []}\n");
  auto asked = config();
  asked.most = 2;
  const auto made = speak(asked);
  EXPECT_EQ(made.rows, 3);
  EXPECT_EQ(made.speech.files, 2);  // "a dog" once

  const auto data = open_dataset(
      [&] {
        auto read = one_manifest("read/spoken.jsonl");
        read.allow_roots = {"set"};
        return read;
      }(),
      {image_field("image"), text_field("captions"), {"speech", "audio", {{"", {"speech"}}}}},
      folder_);
  ASSERT_EQ(data->size(), 3);
  EXPECT_EQ(texts_of(data->values(1, 1, 0)), std::vector<std::string>{"a red ball"});
  EXPECT_EQ(data->column(2, "id"), std::vector<std::string>{"2"});
  EXPECT_EQ(bytes_of(data->values(0, 0, 0).at(0)), "picture a");
  EXPECT_EQ(bytes_of(data->values(2, 0, 0).at(0)), "picture b");
  const auto sound = [&](int64_t row) { return data->values(row, 2, 0).at(0).file; };
  EXPECT_EQ(sound(0), sound(2));
  EXPECT_NE(sound(0), sound(1));
  EXPECT_EQ(read_text(sound(0)).substr(0, 4), "fLaC");
  EXPECT_NE(data->column(0, "phonemes"), data->column(1, "phonemes"));
  EXPECT_EQ(data->column(0, "phonemes"), data->column(2, "phonemes"));

  const auto stamp = fs::last_write_time(sound(0));
  speak(asked);
  EXPECT_EQ(fs::last_write_time(sound(0)), stamp);  // kept
}

TEST_F(SpeakTest, MistakesAreToldAndWriteNoManifest) {
  write("set/all.jsonl", "{\"captions\": \"\", \"speech\": \"x\"}\n");
  expect_error(ErrorCode::kUsage, {"'captions' has no text"}, [&] { speak(config()); });
  auto unknown = config();
  unknown.column = "caption";
  expect_error(ErrorCode::kConfig, {"captions"}, [&] { speak(unknown); });
  auto itself = config();
  itself.column = "speech";
  expect_error(ErrorCode::kUsage, {"'speech' is one that is added"}, [&] { speak(itself); });
  auto voices = config();
  voices.voices.clear();
  expect_error(ErrorCode::kUsage, {"at least one voice"}, [&] { speak(voices); });
  EXPECT_FALSE(fs::exists(folder_ / "read/spoken.jsonl"));
  write("set/all.jsonl", "{\"captions\": \"a dog\"}\n");
  StopFlag stop;
  stop.request();
  expect_error(ErrorCode::kInterrupted, {"continues"}, [&] { speak(config(), {}, &stop); });
}

}  // namespace
}  // namespace braid::data_test
