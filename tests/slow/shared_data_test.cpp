// Real photos, and files made to break readers; skipped where $BRAID_DATA is absent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "small_emoji.h"

namespace braid::test {
namespace {

fs::path shared(const std::string& name) {
  const char* set = std::getenv("BRAID_DATA");
  const fs::path folder = fs::path(set ? set : BRAID_SOURCE_DIR "/../shared/data") / name;
  return fs::exists(folder) ? fs::canonical(folder) : fs::path();
}

class SharedData : public SlowTest {};

TEST_F(SharedData, TheFlickrRecipeTrains) {
  const auto photos = shared("flickr8k");
  if (photos.empty()) GTEST_SKIP() << "no flickr8k";
  const auto run_at = folder_ / "run";
  const auto ran = run("BRAID_DATA=" + quoted(photos.parent_path()) + " " + quoted(BRAID_PROGRAM) +
                       " train -q --json " + quoted(BRAID_SOURCE_DIR "/recipes/flickr8k.yaml") +
                       " -o " + quoted(run_at) +
                       " train.steps=10 train.batch=32 fields.image.modality.size=32 "
                       "fields.text.modality.tokenizer.vocabulary=500 2>/dev/null");
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto summary = Json::parse(ran.output);
  EXPECT_EQ(summary["steps"], 10);
  EXPECT_EQ(summary["bad"], 0);
  std::set<std::string> languages;
  for (const auto& metric : summary["metrics"]) {
    languages.insert(metric["language"]);
    EXPECT_EQ(metric["captions_per_item"], 5);
    EXPECT_EQ(metric["split"], "val");
  }
  EXPECT_EQ(languages, (std::set<std::string>{"en", "zh"}));
}

// Every picture is refused by name or embedded; none ends the program.
TEST_F(SharedData, BrokenPicturesAreRefusedAndSoundOnesIndexed) {
  const auto bad = shared("bad_inputs");
  if (bad.empty()) GTEST_SKIP() << "no bad_inputs";
  std::string rows;
  int64_t valid = 0, total = 0;
  const std::string manifest = read_text(bad / "manifest.jsonl");
  for (size_t begin = 0; begin < manifest.size();) {
    const size_t end = manifest.find('\n', begin);
    const auto row = Json::parse(manifest.substr(begin, end - begin));
    begin = end + 1;
    const std::string file = row["file"];
    if (!fs::exists(bad / file)) continue;
    fs::create_directories((folder_ / file).parent_path());
    fs::copy_file(bad / file, folder_ / file);
    rows += Json{{"key", file}, {"image", file}}.dump() + "\n";
    valid += file.starts_with("png_suite/");
    ++total;
  }
  ASSERT_GT(total, 100);
  write_atomic(folder_ / "all.jsonl", rows);
  const auto ran = braid_output("index -q --json --max-bad 1 " + run_dir() + " " +
                                quoted(folder_ / "all.jsonl") + " -o " + quoted(folder_ / "i"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto summary = Json::parse(ran.output);
  EXPECT_EQ(summary["added"].get<int64_t>() + static_cast<int64_t>(summary["bad"].size()), total);
  EXPECT_GE(summary["added"], valid);
  for (const auto& one : summary["bad"]) {
    EXPECT_THAT(one["where"].get<std::string>(), testing::HasSubstr("all.jsonl:"));
    EXPECT_FALSE(one["message"].get<std::string>().empty());
    EXPECT_EQ(one["message"].get<std::string>().find("png_suite/"), std::string::npos) << one;
  }
  const auto seen = braid_output("inspect -q --json " + quoted(folder_ / "all.jsonl"));
  ASSERT_EQ(seen.status, 0) << seen.output;
  EXPECT_TRUE(Json::parse(seen.output).is_object());
}

}  // namespace
}  // namespace braid::test
