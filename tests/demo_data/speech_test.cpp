#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/demo_data/emoji_inputs.h"
#include "braid/demo_data/emoji_speech.h"
#include "braid/modality/sound/speaker.h"
#include "braid/modality/sound/decode.h"
#include "folder.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

bool can_speak() {
  try {
    Speaker();
    return true;
  } catch (const Error&) {
    return false;
  }
}
#define SKIP_UNLESS_SPEAKING() \
  if (!can_speak()) GTEST_SKIP() << "libespeak-ng1 and espeak-ng-data needed"

double energy(const std::vector<float>& samples) {
  double sum = 0;
  for (const float value : samples) sum += value * value;
  return sum / static_cast<double>(samples.size());
}

TEST(Speaker, LongerTextsLastLongerAndVoicesDiffer) {
  SKIP_UNLESS_SPEAKING();
  Speaker speaker;
  const auto apple = speaker.say("apple", "en-us");
  const auto more = speaker.say("a red apple on a green table", "en-us");
  const auto chinese = speaker.say("红苹果", "cmn-latn-pinyin+f3");
  EXPECT_GT(apple.size(), 0.2 * Speaker::kRate);
  EXPECT_LT(apple.size(), 1.5 * Speaker::kRate);
  EXPECT_GT(more.size(), 2 * apple.size());
  EXPECT_GT(chinese.size(), 0.3 * Speaker::kRate);
  for (const auto& said : {apple, more, chinese}) EXPECT_GT(energy(said), 1e-4);
  EXPECT_NE(apple, speaker.say("apple", "en-us+f3"));
  EXPECT_THAT(speaker.version(), HasSubstr("."));
}

TEST(Speaker, NothingToSayIsNoSoundAndUnknownVoicesAreRefused) {
  SKIP_UNLESS_SPEAKING();
  Speaker speaker;
  EXPECT_TRUE(speaker.say("", "en-us").empty());
  EXPECT_THROW(speaker.say("apple", "nowhere"), Error);
  EXPECT_THROW(Speaker(), Error);  // one at a time
}

TEST(Speaker, PhonemesAreThoseOfTheVoiceWithoutMarks) {
  SKIP_UNLESS_SPEAKING();
  Speaker speaker;
  EXPECT_EQ(speaker.phonemes("grinning face", "en-us"), "g r I n I N f eI s");
  EXPECT_EQ(speaker.phonemes("face, face: (face)", "en-us"), "f eI s f eI s f eI s");  // clauses
  const auto apple = speaker.phonemes("红苹果 apple", "cmn-latn-pinyin+f3");
  EXPECT_EQ(apple.find_first_of("|'()"), std::string::npos) << apple;
  EXPECT_GT(apple.size(), 12u);
  EXPECT_EQ(speaker.phonemes("", "en-us"), "");
  EXPECT_THROW(speaker.phonemes("apple", "nowhere"), Error);
  EXPECT_FALSE(speaker.say("apple", "en-us").empty());  // it still speaks
}

EmojiRow spoken_row(const std::string& name, std::vector<std::string> texts) {
  EmojiRow row;
  row.languages["en"] = {name, {}, std::move(texts)};
  return row;
}

TEST(EmojiSpeech, EachDistinctTextHasOneFile) {
  SKIP_UNLESS_SPEAKING();
  const test::Folder folder;
  std::vector<EmojiRow> rows = {spoken_row("red apple", {"red apple", "fruit"}),
                                spoken_row("pear", {"fruit", "green"})};
  const auto speech = speak_rows(folder.path(), rows, {}, nullptr);
  EXPECT_EQ(speech.files.files, 4);
  EXPECT_EQ(speech.files.silent, 0);
  EXPECT_TRUE(speech.training.empty());  // no row is of the training split
  const auto& apple = rows[0].languages["en"];
  EXPECT_EQ(apple.spoken_texts[0], *apple.spoken_name);
  EXPECT_THAT(*apple.spoken_name, testing::StartsWith("speech/en-red-apple-"));
  EXPECT_EQ(apple.spoken_texts[1], rows[1].languages["en"].spoken_texts[0]);
  EXPECT_GT(decode_sound(read_file(folder.path() / *apple.spoken_name), 16000).size(), 4000u);

  // Again: what is there is kept.
  const auto stamp = fs::last_write_time(folder.path() / *apple.spoken_name);
  for (auto& row : rows) row.languages["en"].spoken_texts.clear();
  speak_rows(folder.path(), rows, {}, nullptr);
  EXPECT_EQ(fs::last_write_time(folder.path() / *rows[0].languages["en"].spoken_name), stamp);
}

TEST(EmojiSpeech, TrainingTextsAreReadInTwoVoicesAndTheirWordsInPhrases) {
  SKIP_UNLESS_SPEAKING();
  const test::Folder folder;
  std::vector<EmojiRow> rows = {spoken_row("red apple", {"red apple", "fruit"}),
                                spoken_row("green pear", {"green pear"})};
  rows[0].split = "train";
  rows[1].split = "test";
  std::map<std::string, std::set<std::string>> said;  // text -> files
  for (const auto& line : speak_rows(folder.path(), rows, {}, nullptr).training) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_EQ(row["split"], "spoken");
    EXPECT_EQ(row["language"], "en");
    if (row["said"] == "fruit") {
      EXPECT_EQ(row["phonemes"], "f r u: t");
    }
    const auto file = row["speech"].get<std::string>();
    EXPECT_TRUE(fs::exists(folder.path() / file));
    EXPECT_EQ("speech/" + row["key"].get<std::string>() + ".flac", file);
    EXPECT_TRUE(said[row["said"]].insert(file).second) << line;  // each reading once
  }
  EXPECT_EQ(said["red apple"].size(), 2u);
  EXPECT_EQ(said["fruit"].size(), 2u);
  EXPECT_GT(said.size(), 2u);
  for (const auto& [text, files] : said) {
    EXPECT_THAT(text, testing::Not(HasSubstr("green")));
    EXPECT_THAT(text, testing::Not(HasSubstr("pear")));
  }
}

TEST(EmojiSpeech, MistakesAndStopsAreToldAndLeaveNoTornFile) {
  SKIP_UNLESS_SPEAKING();
  const test::Folder folder;
  std::vector<EmojiRow> rows(1);
  rows[0].languages["ja"] = {"りんご", {}, {}};
  try {
    speak_rows(folder.path(), rows, {}, nullptr);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    EXPECT_THAT(error.what(), HasSubstr("en and zh"));
  }
  rows = {spoken_row("pear", {})};
  StopFlag stop;
  stop.request();
  EXPECT_THROW(speak_rows(folder.path(), rows, {}, &stop), Error);
  folder.put("file", "x");
  EXPECT_THROW(speak_rows(folder.path() / "file", rows, {}, nullptr), Error);
}

}  // namespace
}  // namespace braid
