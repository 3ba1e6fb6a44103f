#include "braid/demo_data/emoji.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/demo_data/emoji_inputs.h"
#include "braid/demo_data/emoji_rows.h"
#include "folder.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

bool installed() {
  try {
    find_inputs({});
    return true;
  } catch (const Error&) {
    return false;
  }
}
#define SKIP_UNLESS_INSTALLED()                                              \
  if (!installed())                                                          \
  GTEST_SKIP() << "fonts-noto-color-emoji, unicode-data, unicode-cldr-core " \
                  "needed"

// Every `step`-th emoji of the installed list, so that drawing stays short.
EmojiConfig some_emoji(const test::Folder& folder, int step) {
  std::string text;
  int seen = 0;
  for (const auto& line : split(read_text(find_inputs({}).emoji_test), '\n')) {
    const bool comment = line.starts_with("#") || line.empty();
    if (comment || seen++ % step == 0) text += line + "\n";
  }
  folder.put("emoji-test.txt", text);
  EmojiConfig config;
  config.output = folder.path() / "out";
  config.emoji_test = (folder.path() / "emoji-test.txt").string();
  return config;
}

std::vector<json> read_rows(const fs::path& output) {
  std::vector<json> rows;
  for (const auto& line : split(read_text(output / "all.jsonl"), '\n')) {
    if (!line.empty()) rows.push_back(json::parse(line));
  }
  return rows;
}

std::map<std::string, std::string> read_tree(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[fs::relative(entry, folder)] = read_text(entry.path());
  }
  return files;
}

TEST(Emoji, WritesRowsPicturesAndFactsThatAgree) {
  SKIP_UNLESS_INSTALLED();
  const test::Folder folder;
  const auto config = some_emoji(folder, 30);
  make_emoji(config);
  const auto rows = read_rows(config.output);
  const auto facts = json::parse(read_text(config.output / "facts.json"));
  ASSERT_GT(rows.size(), 50u);
  std::map<std::string, int64_t> splits;
  int64_t withheld = 0;
  std::set<std::string> pictures;
  for (const auto& row : rows) {
    ++splits[row["split"]];
    withheld += row["withheld"].get<bool>();
    const auto path = config.output / row["image"].get<std::string>();
    pictures.insert(file_hash(path));
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    ASSERT_TRUE(png_image_begin_read_from_file(&image, path.c_str())) << path;
    EXPECT_EQ(image.width, facts["side"].get<uint32_t>());
    EXPECT_EQ(image.height, image.width);
    EXPECT_EQ(image.format, static_cast<uint32_t>(PNG_FORMAT_RGBA));
    png_image_free(&image);
  }
  EXPECT_EQ(facts["rows"], rows.size());
  EXPECT_EQ(facts["splits"], json(splits));
  EXPECT_EQ(facts["withheld"], withheld);
  EXPECT_EQ(facts["distinct_pictures"], pictures.size());
  EXPECT_EQ(facts["listed"].get<size_t>(), rows.size() +
                                               facts["left_out"]["without_name"].get<size_t>() +
                                               facts["left_out"]["without_picture"].get<size_t>());
  EXPECT_THAT(read_text(config.output / "README.md"), HasSubstr("| test | "));
  EXPECT_THAT(read_text(config.output / "LICENSES.md"), HasSubstr("SIL Open Font License"));
}

TEST(Emoji, GivesTheSameBytesAgainAndAfterAStop) {
  SKIP_UNLESS_INSTALLED();
  const test::Folder folder;
  auto config = some_emoji(folder, 60);
  make_emoji(config);
  const auto whole = read_tree(config.output);

  config.output = folder.path() / "stopped";
  StopFlag stop;
  stop.request();
  try {
    make_emoji(config, {}, &stop);
    FAIL() << "was not stopped";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
  EXPECT_FALSE(fs::exists(config.output / "all.jsonl"));
  // What a killed run may leave: some pictures, one of them torn.
  int left = 0;
  for (const auto& [name, bytes] : whole) {
    if (name.starts_with("images/") && ++left < 9) {
      folder.put("stopped/" + name, left == 5 ? bytes.substr(0, bytes.size() / 2) : bytes);
    }
  }
  make_emoji(config);
  EXPECT_EQ(read_tree(config.output), whole);
}

TEST(Emoji, AddsLanguagesAndTonesOnRequest) {
  SKIP_UNLESS_INSTALLED();
  const test::Folder folder;
  auto config = some_emoji(folder, 60);
  config.languages = {"zh_Hant", "ja"};
  config.tones = true;
  config.side = 160;
  make_emoji(config);
  const auto rows = read_rows(config.output);
  EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const json& row) {
    return row["key"].get<std::string>().find("1F3F") != std::string::npos;
  }));
  for (const auto& row : rows) {
    EXPECT_FALSE(row.contains("name_en"));
    EXPECT_TRUE(row.contains("texts_ja"));
    EXPECT_TRUE(row.contains("keywords_zh_Hant"));
  }
}

TEST(Emoji, KeepsVariantsInOneSplitAndWithheldNamesSecret) {
  SKIP_UNLESS_INSTALLED();
  const auto inputs = find_inputs({});
  const auto list = parse_emoji_test(read_text(inputs.emoji_test), "emoji-test.txt");
  std::map<std::string, Annotations> annotations;
  for (const char* language : {"en", "zh"})
    annotations[language] = read_annotations(inputs.cldr, language);
  auto rows = annotate(list, annotations, true);
  assign_splits(rows);
  ASSERT_GT(rows.size(), 3000u);
  std::map<std::string, std::string> split_of, strict_of;
  size_t withheld = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(split_of.try_emplace(row.base, row.split).first->second, row.split) << row.emoji.key;
    EXPECT_EQ(strict_of.try_emplace(row.kin, row.split_strict).first->second, row.split_strict)
        << row.emoji.key;
    withheld += row.withheld;
    for (const auto& [language, texts] : row.languages) {
      const bool says_name = std::count(texts.texts.begin(), texts.texts.end(), texts.name) > 0;
      EXPECT_EQ(says_name, !row.withheld && !texts.name.empty())
          << row.emoji.key << " " << language;
      const std::set<std::string> distinct(texts.texts.begin(), texts.texts.end());
      EXPECT_EQ(distinct.size(), texts.texts.size()) << row.emoji.key;
    }
  }
  EXPECT_GT(withheld, rows.size() / 6);
  EXPECT_LT(split_of.size(), rows.size());  // toned copies share a base
  EXPECT_LT(strict_of.size(), split_of.size());
}

ErrorCode code_of(const EmojiConfig& config) {
  try {
    make_emoji(config);
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::kInternal;
}

TEST(Emoji, RefusesWrongSettings) {
  SKIP_UNLESS_INSTALLED();
  const test::Folder folder;
  const auto good = some_emoji(folder, 60);
  auto bad = good;
  bad.output.clear();
  EXPECT_EQ(code_of(bad), ErrorCode::kConfig);
  bad = good, bad.languages = {};
  EXPECT_EQ(code_of(bad), ErrorCode::kConfig);
  bad = good, bad.languages = {"en", "en"};
  EXPECT_EQ(code_of(bad), ErrorCode::kConfig);
  bad = good, bad.languages = {"klingon"};
  EXPECT_EQ(code_of(bad), ErrorCode::kConfig);
  bad = good, bad.side = 32;
  EXPECT_EQ(code_of(bad), ErrorCode::kConfig);
  bad = good, bad.font = "/nowhere/font.ttf";
  EXPECT_EQ(code_of(bad), ErrorCode::kNotFound);
  bad = good, bad.cldr = folder.path().string();
  EXPECT_EQ(code_of(bad), ErrorCode::kNotFound);
  bad = good, bad.font = good.emoji_test;
  EXPECT_EQ(code_of(bad), ErrorCode::kInput);
  folder.put("out_is_a_file", "x");
  bad = good, bad.output = folder.path() / "out_is_a_file";
  EXPECT_EQ(code_of(bad), ErrorCode::kIo);
  EXPECT_FALSE(fs::exists(good.output / "all.jsonl"));
}

}  // namespace
}  // namespace braid
