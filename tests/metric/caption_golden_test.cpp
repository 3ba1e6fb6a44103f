// Against coco-caption's programs and sacreBLEU (tests/golden/captions.py), and against published
// figures in $BRAID_DATA.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/metric/caption/captions.h"
#include "braid/metric/caption/words.h"
#include "tests/metric/predictions.h"

namespace braid {
namespace {

using nlohmann::json;
using metric_test::find;

constexpr double kSameFormula = 1e-9;  // sums of a few hundred terms of size 1, in another order

const json& caption_golden() {
  static const auto read = json::parse(read_text(BRAID_SOURCE_DIR "/tests/golden/captions.json"));
  return read;
}

Captions captions_of(const json& samples) {
  Captions captions;
  for (const auto& sample : samples) {
    captions.candidates.push_back(sample[0]);
    captions.references.push_back(sample[1].get<std::vector<std::string>>());
  }
  return captions;
}

void expect_golden(const json& given, const CaptionRule& rule) {
  const auto captions = captions_of(given.at("samples"));
  const auto statistics = caption_statistics(captions, rule, {});
  const std::vector<int32_t> once(captions.candidates.size(), 1);
  const auto whole = statistics.values(once);
  ASSERT_EQ(whole.size(), given.at("whole").size());
  for (size_t m = 0; m < whole.size(); ++m) {
    const auto& name = statistics.metrics[m].name;
    EXPECT_NEAR(whole[m], given.at("whole").at(name), kSameFormula) << name;
    if (!given.at("each").contains(name)) continue;
    for (size_t i = 0; i < once.size(); ++i) {
      std::vector<int32_t> alone(once.size());
      alone[i] = 1;
      EXPECT_NEAR(statistics.values(alone)[m], given.at("each").at(name)[i], kSameFormula)
          << name << " of '" << captions.candidates[i] << "'";
    }
  }
}

TEST(CaptionGolden, EnglishSentencesScoreAsInTheReferencePrograms) {
  expect_golden(caption_golden().at("english"), {WordRule::kPtb, "en"});
}

TEST(CaptionGolden, ChineseCharactersScoreAsInTheReferencePrograms) {
  expect_golden(caption_golden().at("chinese"), {WordRule::kCharacters, "zh"});
}

TEST(CaptionGolden, WordsAreThoseOfTheTreebankTokenizer) {
  for (const auto& pair : caption_golden().at("ptb")) {
    EXPECT_EQ(join(caption_words(pair[0].get<std::string>(), WordRule::kPtb), " "),
              pair[1].get<std::string>());
  }
}

class PublishedCaptions : public testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("BRAID_DATA");
    sets_ = data ? data : BRAID_SOURCE_DIR "/../shared/data";
    folder_ = sets_ / "caption_metrics";
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << folder_ << " is not there";
    expected_ = json::parse(read_text(folder_ / "expected_scores.json"));
  }

  // Rows of a file; of `only`, where it names any, those image ids.
  Captions read(const std::string& name, const std::set<int64_t>& only = {}) const {
    Captions captions;
    for (const auto& line : split(read_text(folder_ / name), '\n')) {
      if (trim(line).empty()) continue;
      const auto row = json::parse(line);
      if (!only.empty() && !only.contains(row.at("image_id"))) continue;
      captions.candidates.push_back(row.at("candidate"));
      captions.references.push_back(row.at("references"));
    }
    return captions;
  }

  void expect_published(const Captions& captions, const json& published) const {
    const auto statistics = caption_statistics(captions, {WordRule::kSpaces, "en"}, {});
    const std::vector<int32_t> once(captions.candidates.size(), 1);
    const auto values = statistics.values(once);
    for (const auto& [ours, theirs] : std::map<std::string, std::string>{
             {"bleu_1", "Bleu_1"}, {"bleu_2", "Bleu_2"}, {"bleu_3", "Bleu_3"},
             {"bleu_4", "Bleu_4"}, {"rouge_l", "ROUGE_L"}, {"cider_d", "CIDEr"}}) {
      for (size_t m = 0; m < values.size(); ++m) {
        if (statistics.metrics[m].name != ours) continue;
        EXPECT_NEAR(values[m], published.at(theirs), 1e-6) << ours;
      }
    }
  }

  std::filesystem::path sets_, folder_;
  json expected_;
};

TEST_F(PublishedCaptions, TheThousandCocoCaptionsScoreAsPublished) {
  expect_published(read("coco_demo.jsonl"), expected_.at("coco_demo.jsonl").at("published"));
}

TEST_F(PublishedCaptions, MeteorOfExactWordsAndStemsIsThatOfTheReferenceProgram) {
  const auto captions = read("coco_demo.jsonl");
  const auto& golden = caption_golden().at("shared");
  const auto statistics = caption_statistics(captions, {WordRule::kSpaces, "en"}, {});
  const auto at = static_cast<size_t>(
      std::ranges::find(statistics.metrics, "meteor", &Metric::name) - statistics.metrics.begin());
  std::vector<int32_t> times(captions.candidates.size(), 1);
  EXPECT_NEAR(statistics.values(times)[at], golden.at("coco_demo_meteor"), kSameFormula);
  std::ranges::fill(times, 0);
  for (size_t i = 0; i < times.size(); ++i) {
    times[i] = 1;
    EXPECT_NEAR(statistics.values(times)[at], golden.at("coco_demo_meteor_each")[i], kSameFormula)
        << captions.candidates[i];
    times[i] = 0;
  }
}

TEST_F(PublishedCaptions, WordsOfFlickr8kAreThoseOfTheTreebankTokenizer) {
  if (!std::filesystem::exists(sets_ / "flickr8k")) GTEST_SKIP() << "flickr8k is not there";
  std::string words;
  size_t count = 0;
  for (const char* name : {"train.jsonl", "val.jsonl", "test.jsonl"}) {
    const auto lines = read_text(sets_ / "flickr8k" / name);
    for (const auto& line : split(lines, '\n')) {
      if (trim(line).empty()) continue;
      const auto row = json::parse(line);
      for (const auto& text : row.at("captions_en")) {
        words += join(caption_words(text.get<std::string>(), WordRule::kPtb), " ") + "\n";
        ++count;
      }
    }
  }
  const auto& golden = caption_golden().at("shared");
  EXPECT_EQ(count, golden.at("flickr8k_captions"));
  EXPECT_EQ(content_hash(words), golden.at("flickr8k_words_xxh128").get<std::string>());
}

TEST_F(PublishedCaptions, TwoHundredOfThemScoreAsTheReferenceProgramSays) {
  std::istringstream ids(read_text(folder_ / "subset200.txt"));
  const std::set<int64_t> only{std::istream_iterator<int64_t>(ids), {}};
  const auto captions = read("coco_demo.jsonl", only);
  ASSERT_EQ(captions.candidates.size(), 200u);
  expect_published(captions, expected_.at("coco_demo.jsonl, only the ids in subset200.txt")
                                 .at("computed_with_reference_implementation"));
}

TEST_F(PublishedCaptions, TheExampleOfNlgEvalScoresAsPublished) {
  expect_published(read("nlg_eval_example.jsonl"),
                   expected_.at("nlg_eval_example.jsonl").at("published"));
}

}  // namespace
}  // namespace braid
