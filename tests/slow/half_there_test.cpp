// Training where a modality lacks in half the samples, or in almost all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "small_emoji.h"

namespace braid::test {
namespace {

// Rows of three fields that say the same; `there(field, row)` of those that have a value.
class HalfThere : public SlowTest {
 protected:
  using There = std::function<bool(size_t field, int row)>;

  Json trained(const std::string& name, const There& there) {
    const char* words[][3] = {{"red", "rot", "rouge"},
                              {"blue", "blau", "bleu"},
                              {"green", "gruen", "vert"},
                              {"white", "weiss", "blanc"}};
    const char* fields[] = {"en", "de", "fr"};
    std::string rows;
    for (int i = 0; i < 128; ++i) {
      const bool trains = i < 96;
      Json row{{"split", trains ? "train" : "val"}};
      for (size_t field = 0; field < 3; ++field) {
        if (!trains || there(field, i))
          row[fields[field]] = words[i % 4][field] + (" " + std::to_string(i % 32 / 4));
      }
      rows += row.dump() + "\n";
    }
    write_atomic(folder_ / (name + ".jsonl"), rows);
    std::string recipe = "data: {manifest: " + name + ".jsonl, split_column: split}\nfields:\n";
    for (const std::string field : fields) {
      recipe += "  " + field + ": {from: " + field +
                ", modality: {kind: text, max_tokens: 8, tokenizer: {vocabulary: 300}, views: "
                "{mask: 0, delete: 0, insert: 0, swap: 0}}, encoder: {kind: bag_of_tokens, width: "
                "32, hidden: 0, dropout: 0}}\n";
    }
    write_atomic(folder_ / (name + ".yaml"),
                 recipe +
                     "space: {width: 32}\nalignment:\n  - {between: [en, de]}\n  - {between: [en, "
                     "fr]}\n  - {between: [de, fr]}\ntrain: {batch: 16, epochs: 30, lr: 0.01, "
                     "modality_dropout: 0, evaluate_every: 30}\n");
    const auto ran = braid_output("train -q --json " + quoted(folder_ / (name + ".yaml")) + " -o " +
                                  quoted(folder_ / name));
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.status == 0 ? Json::parse(ran.output) : Json();
  }

  // recall@1 of a direction with its interval.
  static Json recall(const Json& summary, const std::string& direction) {
    for (const auto& metric : summary["metrics"]) {
      if (metric["direction"] == direction && metric["name"] == "recall@1") return metric;
    }
    return Json();
  }
};

TEST_F(HalfThere, TheOthersFindEachOtherAsWell) {
  const auto whole = trained("whole", [](size_t, int) { return true; });
  ASSERT_TRUE(whole.contains("metrics"));
  const std::string pairs[] = {"de->fr", "en->fr", "en->de"};  // without field 0, 1, 2
  for (size_t lacking = 0; lacking < 3; ++lacking) {
    const auto half = trained("half" + std::to_string(lacking), [=](size_t field, int row) {
      return field != lacking || row / 4 % 2 == 0;
    });
    ASSERT_TRUE(half.contains("metrics"));
    const auto before = recall(whole, pairs[lacking]), after = recall(half, pairs[lacking]);
    EXPECT_GE(after["value"].get<double>(), before["low"].get<double>()) << pairs[lacking];
  }
}

TEST_F(HalfThere, BatchesWithoutAnyValueOfAFieldTrain) {
  // "fr" in two of 96 rows: in each epoch at least four of six batches have none.
  const auto rare = trained("rare", [](size_t field, int row) { return field != 2 || row < 2; });
  ASSERT_TRUE(rare.contains("metrics"));
  EXPECT_GT(recall(rare, "en->de")["value"].get<double>(), 0.5);
}

TEST_F(HalfThere, NoSampleNeedsToHaveAll) {
  const auto never = trained(
      "never", [](size_t field, int row) { return row / 4 % 3 != static_cast<int>(field); });
  ASSERT_TRUE(never.contains("metrics"));
  for (const char* direction : {"en->de", "de->fr", "fr->en"})
    EXPECT_GT(recall(never, direction)["value"].get<double>(), 0.2) << direction;  // chance 1/32
}

}  // namespace
}  // namespace braid::test
