// Every text and picture of the shared bad_inputs set through the verbs: one clear error or a
// counted skip, the documented exit status, memory within bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

class BadInputVerbs : public SlowTest {
 protected:
  void SetUp() override {
    const char* data = std::getenv("BRAID_DATA");
    const auto root = fs::path(data ? data : BRAID_SOURCE_DIR "/../shared/data") / "bad_inputs";
    if (!fs::exists(root)) GTEST_SKIP() << root << " is not there";
    SlowTest::SetUp();
    for (const auto* name :
         {"bmp_ok", "jpeg_variants", "png_suite", "png_suite_corrupt", "images_bad", "text_bad"}) {
      fs::copy(root / name, folder_ / name);
      for (const auto& entry : fs::directory_iterator(folder_ / name)) {
        files_.push_back(name + ("/" + entry.path().filename().string()));
      }
    }
    std::sort(files_.begin(), files_.end());
    write_manifest();
  }
  void TearDown() override {
    if (!folder_.empty()) SlowTest::TearDown();
  }

  void write_manifest() const {
    std::string rows;
    for (const auto& file : files_) {
      rows += Json{{"key", file}, {"image", file}, {"text", "this is " + file}}.dump() + "\n";
    }
    write_atomic(folder_ / "all.jsonl", rows);
    write_atomic(folder_ / "recipe.yaml", std::string_view(R"(data: {manifest: all.jsonl, key: key}
fields:
  image: {from: image, modality: {kind: image, size: 16}, encoder: {kind: cnn, stages: [8]}}
  text: {from: text, modality: text, encoder: bag_of_tokens}
alignment: [{between: [image, text]}]
train: {batch: 16, epochs: 1}
)"));
  }

  std::string in_folder(const std::string& name) const { return quoted(folder_ / name); }

  // One line, status 3, and nothing of the input's own control characters.
  void expect_one_error(const std::string& arguments, const std::string& says) const {
    const auto ran = braid(arguments);
    EXPECT_EQ(ran.status, 3) << arguments << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr(says)) << arguments;
    EXPECT_TRUE(ran.output.starts_with("braid: ")) << ran.output;
    EXPECT_EQ(std::count(ran.output.begin(), ran.output.end(), '\n'), 1) << ran.output;
  }

  // What `braid index` would not take, by the keys that it lacks.
  int64_t unreadable_of(const std::string& output) const {
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
      const auto at = line.find(" unreadable");
      if (at == std::string::npos) continue;
      const auto begin = line.find_last_of(' ', at - 1) + 1;
      return std::stoll(line.substr(begin, at - begin));
    }
    return 0;
  }

  std::vector<std::string> files_;
};

// 42 of 171 when this was written: the counts of the verbs must agree, whatever they are.
TEST_F(BadInputVerbs, CountWhatTheySkip) {
  const auto inspected = braid("inspect -q --json " + in_folder("all.jsonl"));
  ASSERT_EQ(inspected.status, 0) << inspected.output;
  const auto recipe = in_folder("recipe.yaml"), run = in_folder("run"), index = in_folder("i");
  const auto trained = braid("train -q " + recipe + " data.max_bad=0.5 -o " + run);
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto indexed = braid("index -q " + run + " " + in_folder("all.jsonl") + " -o " + index);
  ASSERT_EQ(indexed.status, 0) << indexed.output;
  const auto skipped = unreadable_of(indexed.output);
  EXPECT_GT(skipped, 35);
  EXPECT_LT(skipped, 50);
  const auto total = static_cast<int64_t>(files_.size());
  EXPECT_THAT(indexed.output, HasSubstr("added " + std::to_string(total - skipped)));
  // An epoch leaves out the rows that do not fill a batch.
  EXPECT_LE(unreadable_of(trained.output), skipped) << trained.output;
  EXPECT_GE(unreadable_of(trained.output), skipped - 15) << trained.output;
  EXPECT_THAT(inspected.output, HasSubstr("\"unreadable\":" + std::to_string(skipped)));
}

TEST_F(BadInputVerbs, StopWhenMoreIsBadThanAllowed) {
  const auto recipe = in_folder("recipe.yaml"), manifest = in_folder("all.jsonl");
  const auto trained = braid("train -q " + recipe + " -o " + in_folder("run"));
  EXPECT_EQ(trained.status, 3) << trained.output;
  EXPECT_THAT(trained.output, HasSubstr("more than data.max_bad = 0.01 allows"));
  EXPECT_THAT(trained.output, HasSubstr("images_bad/"));
  ASSERT_EQ(braid("train -q " + recipe + " data.max_bad=0.5 -o " + in_folder("r2")).status, 0);
  const auto indexed =
      braid("index -q --max-bad 0.1 " + in_folder("r2") + " " + manifest + " -o " + in_folder("i"));
  EXPECT_EQ(indexed.status, 3) << indexed.output;
}

TEST_F(BadInputVerbs, EmbedEveryFileOrSayWhatIsWrong) {
  int refused = 0;
  const auto out = " -o " + in_folder("x.npy");
  for (const auto& file : files_) {
    if (!file.starts_with("images_bad") && !file.starts_with("text_bad")) continue;
    const auto ran = braid("embed -q " + run_dir() + " --field image " + in_folder(file) + out);
    ASSERT_TRUE(ran.status == 0 || ran.status == 3) << file << "\n" << ran.output;
    EXPECT_LE(std::count(ran.output.begin(), ran.output.end(), '\n'), 1) << ran.output;
    if (ran.status == 0) continue;
    EXPECT_THAT(ran.output, HasSubstr(file.substr(file.find('/'))));
    ++refused;
  }
  EXPECT_GT(refused, 25);
  std::string readable;
  for (const auto& file : files_) {
    if (file.starts_with("bmp_ok") || file.starts_with("png_suite/")) {
      readable += " " + in_folder(file);
    }
  }
  const auto all = braid("embed -q " + run_dir() + " --field image" + readable + out);
  EXPECT_EQ(all.status, 0) << all.output;
}

TEST_F(BadInputVerbs, TextsAndManifestsAreOneError) {
  const auto embed =
      "embed -q " + run_dir() + " -o " + in_folder("x.npy") + " --field text --from ";
  for (const auto* file : {"invalid_utf8.txt", "truncated_utf8.txt", "utf16le.txt"}) {
    expect_one_error(embed + in_folder(std::string("text_bad/") + file), "UTF-8");
  }
  const auto recipe = "train -q " + in_folder("recipe.yaml") + " -o " + in_folder("run");
  for (const auto* file : {"bad.jsonl", "ragged.csv", "utf16le.txt"}) {
    const auto path = std::string("text_bad/") + file;
    const auto row = "index -q " + run_dir() + " " + in_folder(path) + " -o " + in_folder("i");
    for (const auto& verb :
         {"inspect " + in_folder(path), recipe + " data.manifest=" + path, row}) {
      expect_one_error(verb, file);
    }
  }
}

// Each verb above in its own process; what libtorch takes by itself is about 170 MiB.
TEST_F(BadInputVerbs, StayWithinTheirMemory) {
  const auto recipe = in_folder("recipe.yaml"), manifest = in_folder("all.jsonl");
  const std::string limit = " fields.image.modality.max_pixels=1000000 data.max_bad=0.5 -o ";
  ASSERT_EQ(braid("train -q " + recipe + limit + in_folder("run")).status, 0);
  ASSERT_EQ(braid("index -q " + in_folder("run") + " " + manifest + " -o " + in_folder("i")).status,
            0);
  struct rusage used {};
  ::getrusage(RUSAGE_CHILDREN, &used);
  EXPECT_LT(used.ru_maxrss, 400 << 10) << "KiB, the largest child";
}

}  // namespace
}  // namespace braid::test
