// What the tests of whole programs share: a slice of the emoji set, a recipe that trains on it in
// seconds, and a run of it. Made once for a build of the program, in the build folder: each test is
// a process of its own.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "braid/core/file.h"
#include "shell.h"

namespace braid::test {

namespace fs = std::filesystem;
using Json = nlohmann::json;

inline const char* kSmallRecipe = R"(name: small emoji
licence: "OFL 1.1"
data: {manifest: all.jsonl, split_column: split, key: key}
display: [emoji, name_en]
fields:
  image:
    from: image
    modality: {kind: image, size: 24}
    encoder: {kind: cnn, stages: [8, 16]}
  text:
    from: {en: texts_en, zh: texts_zh}
    modality: {kind: text, max_tokens: 12, tokenizer: {vocabulary: 600}}
    encoder: {kind: text_transformer, width: 32, depth: 1, heads: 2}
space: {width: 32}
alignment:
  - {between: [image, text]}
  - {views: image, weight: 0.2}
train: {batch: 32, steps: 60, checkpoint_steps: 7, lr: 0.002, ema: 0.9, keep: 3}
eval:
  protocols:
    - {name: V, split: val, from: {en: name_en, zh: name_zh}}
    - {name: A, split: test, from: {en: name_en, zh: name_zh}}
)";

inline Ran braid(const std::string& arguments) {
  return run("BRAID_THREADS=2 " + quoted(BRAID_PROGRAM) + " " + arguments);
}

// Standard output alone.
inline Ran braid_output(const std::string& arguments) { return braid(arguments + " 2>/dev/null"); }

inline std::string stamp_of(const fs::path& file) {
  return std::to_string(fs::last_write_time(file).time_since_epoch().count()) + " " +
         std::to_string(fs::file_size(file)) + "\n";
}

// Every fourth row, with its picture where the set put it.
inline void write_slice(const fs::path& folder) {
  std::string rows;
  int64_t number = 0;
  const std::string text = read_text(folder / "all.jsonl");
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin) + 1;
    if (number++ % 4 == 0) rows += text.substr(begin, end - begin);
    begin = end;
  }
  write_atomic(folder / "all.jsonl", rows);
}

// A folder that holds all.jsonl, images/, recipe.yaml and run/; empty where making it failed.
inline fs::path small_emoji() {
  const fs::path folder = fs::path(BRAID_BINARY_DIR) / "slow_emoji";
  const std::string made_by =
      stamp_of(BRAID_PROGRAM) + stamp_of(BRAID_BINARY_DIR "/lib/libbraid.so") + kSmallRecipe;
  if (fs::exists(folder / "made_by") && read_text(folder / "made_by") == made_by) return folder;
  fs::remove_all(folder);
  const auto data = braid("data emoji -q -o " + quoted(folder));
  EXPECT_EQ(data.status, 0) << data.output;
  if (data.status != 0) return {};
  write_slice(folder);
  write_atomic(folder / "recipe.yaml", std::string_view(kSmallRecipe));
  const auto trained =
      braid("train -q " + quoted(folder / "recipe.yaml") + " -o " + quoted(folder / "run"));
  EXPECT_EQ(trained.status, 0) << trained.output;
  if (trained.status != 0) return {};
  write_atomic(folder / "made_by", made_by);
  return folder;
}

// A folder for one test.
class SlowTest : public testing::Test {
 protected:
  void SetUp() override {
    emoji_ = small_emoji();
    ASSERT_FALSE(emoji_.empty());
    std::string name = testing::TempDir() + "braid slow XXXXXX";  // with spaces: users have them
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string run_dir() const { return quoted(emoji_ / "run"); }

  fs::path emoji_, folder_;
};

}  // namespace braid::test
