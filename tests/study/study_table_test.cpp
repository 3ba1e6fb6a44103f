#include "braid/study/study_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

namespace braid {
namespace {

using testing::HasSubstr;
using Rows = std::vector<double>;

QuestionScore question(const Rows& values, const std::string& name = "test/digit",
                       size_t first_row = 0) {
  QuestionScore score{name, {}, {}, values, {}, static_cast<int64_t>(values.size())};
  for (size_t i = 0; i < values.size(); ++i) score.ids.push_back("r" + std::to_string(first_row + i));
  score.keys = score.ids;
  score.value = [values](std::span<const int32_t> times) {
    double sum = 0, total = 0;
    for (size_t i = 0; i < values.size(); ++i) sum += times[i] * values[i], total += times[i];
    return sum / total;
  };
  return score;
}

double mean(const Rows& rows) {
  double sum = 0;
  for (const double value : rows) sum += value;
  return sum / static_cast<double>(rows.size());
}

// Right or wrong of each row under each seed.
Contender contender(const std::string& name, const std::string& role, double validation,
                    const std::vector<Rows>& seeds) {
  Contender out;
  out.name = name;
  out.role = role;
  out.parameters = 1000;
  out.flops = 2e6;
  for (size_t s = 0; s < seeds.size(); ++s) {
    const auto seed = static_cast<int64_t>(s);
    out.cells.push_back({seed, validation, mean(seeds[s]), 10.0 + static_cast<double>(s), 100});
    out.scores[seed] = {question(seeds[s])};
  }
  return out;
}

StudyTable empty_table(int64_t seeds) {
  StudyTable table;
  table.name = "made up";
  table.metric = "accuracy";
  table.validation = "val";
  table.split = "test";
  for (int64_t s = 0; s < seeds; ++s) table.seeds.push_back(s);
  return table;
}

// One seed, accuracy: McNemar. The best alone has 3 rows right, the other 1: p = 2 (1 + 4) / 16.
TEST(CompareRows, IsMcNemarsTestForOneSeed) {
  const SeedScores a = {{0, {question({1, 1, 1, 0, 1, 0})}}}, b = {{0, {question({0, 0, 0, 1, 1, 0})}}};
  const auto test = compare_rows(a, b, {0}, {}, "accuracy");
  EXPECT_EQ(test.comparison.test, "mcnemar");
  EXPECT_NEAR(test.comparison.effect, 2.0 / 6, 1e-12);
  EXPECT_NEAR(test.comparison.p, 10.0 / 16, 1e-12);
  EXPECT_EQ(test.rows, 6);
}

// Rows r0 .. r3 against r2 .. r5: two in common, where 1, 0 stand against 0, 1.
TEST(CompareRows, LooksAtRowsThatBothAnswered) {
  const SeedScores a = {{0, {question({0, 0, 1, 0})}}},
                   b = {{0, {question({0, 1, 1, 1}, "test/digit", 2)}}};
  const auto test = compare_rows(a, b, {0}, {}, "accuracy");
  EXPECT_EQ(test.rows, 2);
  EXPECT_EQ(test.comparison.effect, 0);
  EXPECT_EQ(compare_rows(a, {{0, {question({1}, "test/digit", 9)}}}, {0}, {}, "accuracy")
                .comparison.absent,
            "no row in common");
}

// Mean over seeds of each: (1 + 0.5) / 2 - (0.5 + 0) / 2. The same of every row: never below 0, so
// p is the least of 10,000 resamples.
TEST(CompareRows, BootstrapsTheMeanOverSeeds) {
  const SeedScores a = {{0, {question({1, 1, 1, 1})}}, {1, {question({0.5, 0.5, 0.5, 0.5})}}};
  const SeedScores b = {{0, {question({0.5, 0.5, 0.5, 0.5})}}, {1, {question({0, 0, 0, 0})}}};
  const auto test = compare_rows(a, b, {0, 1}, {}, "nll");
  EXPECT_EQ(test.comparison.test, "paired bootstrap");
  EXPECT_NEAR(test.comparison.effect, 0.5, 1e-12);
  EXPECT_NEAR(test.comparison.interval.low, 0.5, 1e-12);
  EXPECT_NEAR(test.comparison.p, 2.0 / 10001, 1e-12);
}

// Two patients, one better by 1 and one worse by 1, three rows each. Drawn whole, a resample is both
// of one (1/4 each way) or one of each (no difference): p = 1.
TEST(CompareRows, DrawsGroupsWhole) {
  const SeedScores a = {{0, {question({1, 1, 1, 0, 0, 0})}}}, b = {{0, {question({0, 0, 0, 1, 1, 1})}}};
  const RowGroups groups = {{"r0", "x"}, {"r1", "x"}, {"r2", "x"}, {"r3", "y"}, {"r4", "y"}, {"r5", "y"}};
  const auto test = compare_rows(a, b, {0}, groups, "accuracy");
  EXPECT_EQ(test.comparison.n, 2);
  EXPECT_EQ(test.comparison.p, 1);
  EXPECT_EQ(test.comparison.interval.low, -1);
  EXPECT_EQ(test.comparison.interval.high, 1);
}

// Two questions weigh the same, however many rows they have: (1 + 0.5) / 2.
TEST(RowIntervalTest, IsTheMeanOverQuestions) {
  const SeedScores scores = {{0, {question({1, 1, 1, 1}), question({1, 0}, "test/age")}}};
  const auto own = row_interval(scores, {});
  EXPECT_NEAR(own.value, 0.75, 1e-12);
  EXPECT_EQ(own.rows, 6);
  EXPECT_EQ(own.groups, 4) << "rows of both questions are drawn together";
}

// By validation "b" wins although "a" has the better test figure.
TEST(FillTable, ChoosesOnValidation) {
  auto table = empty_table(2);
  auto prior = contender("prior", "blind", 0.25, {});
  prior.value = 0.25;
  prior.validation = 0.2;
  for (int64_t s : {0, 1}) prior.scores[s] = {question({1, 0, 0, 0})};
  fill_table(table,
             {contender("a", "variant", 0.8, {{1, 1, 1, 1}, {1, 1, 1, 1}}),
              contender("b", "variant", 0.9, {{1, 1, 1, 0}, {1, 1, 0, 0}}),
              contender("only-x", "single", 0.9, {{1, 0, 0, 0}, {0, 0, 0, 0}}), std::move(prior)},
             {});
  ASSERT_EQ(table.rows.size(), 4u);
  const auto& best = table.rows[0];
  EXPECT_EQ(best.contender.name, "b");
  EXPECT_TRUE(best.best);
  EXPECT_FALSE(best.against);
  EXPECT_NEAR(best.value, 0.625, 1e-12);
  // Student's t of 0.75 and 0.5: 0.625 -+ 12.7062 * 0.125.
  EXPECT_NEAR(best.seeds_interval->low, 0.625 - 12.7062047 * 0.125, 1e-6);
  EXPECT_NEAR(best.seconds, 10.5, 1e-12);
  EXPECT_EQ(table.rows[1].contender.name, "a");
  EXPECT_NEAR(table.rows[1].against->rows.comparison.effect, -0.375, 1e-12);
  // Of seeds: differences -0.25 and -0.5, mean -0.375, error 0.125, t = -3 with 1 degree: p = 0.2048.
  EXPECT_NEAR(table.rows[1].against->seeds.p, 0.2048327647, 1e-6);
  EXPECT_EQ(table.rows[2].contender.name, "only-x");
  EXPECT_EQ(table.rows[3].contender.name, "prior");
  EXPECT_NEAR(table.rows[3].against->rows.comparison.effect, 0.375, 1e-12);
  EXPECT_THAT(table.notes[0], HasSubstr("WARNING: only-x is as good on validation"));
}

// Three p of 0.01, 0.02, 0.04 become 0.03, 0.04, 0.04.
TEST(FillTable, AdjustsByHolmOverAllLines) {
  auto table = empty_table(3);
  const auto of_seeds = [](const std::string& name, double validation, double a, double b, double c) {
    return contender(name, "variant", validation, {{a}, {b}, {c}});
  };
  fill_table(table, {of_seeds("best", 1, 1, 1, 1), of_seeds("x", 0.1, 0.5, 0.52, 0.48),
                     of_seeds("y", 0.2, 0.6, 0.9, 0.7), of_seeds("z", 0.3, 0.9, 0.8, 0.99)},
             {});
  Rows p, adjusted;
  for (size_t i = 1; i < 4; ++i) {
    p.push_back(table.rows[i].against->seeds.p);
    adjusted.push_back(*table.rows[i].against->seeds_p);
  }
  EXPECT_EQ(adjusted, holm(p));
  EXPECT_EQ(adjusted[2], 3 * p[2]) << "the least of three";
}

TEST(FillTable, OfOneSeedSaysWhatIsMissing) {
  auto table = empty_table(1);
  fill_table(table, {contender("a", "variant", 0.8, {{1, 0}}), contender("b", "variant", 0.7, {{0, 0}})},
             {});
  EXPECT_FALSE(table.rows[0].seeds_interval);
  EXPECT_EQ(table.rows[1].against->seeds.absent, "one seed");
  EXPECT_FALSE(table.rows[1].against->seeds_p);
  EXPECT_THAT(table.notes[0], HasSubstr("one seed: there is no interval over seeds"));
}

// A variant with one of two seeds does not win by it; differences are of the seed that both have.
TEST(FillTable, PrefersVariantsWithAllSeeds) {
  auto table = empty_table(2);
  fill_table(table, {contender("half", "variant", 0.99, {{1, 1}}),
                     contender("whole", "variant", 0.5, {{1, 0}, {0, 0}})},
             {});
  EXPECT_EQ(table.rows[0].contender.name, "whole");
  EXPECT_NEAR(table.rows[1].against->rows.comparison.effect, -0.5, 1e-12);
}

TEST(FillTable, SmallerIsBetterWhereItIs) {
  auto table = empty_table(1);
  table.metric = "rmse";
  fill_table(table, {contender("far", "variant", 2, {{2}}), contender("near", "variant", 1, {{1}})}, {});
  EXPECT_EQ(table.rows[0].contender.name, "near");
}

TEST(FillTable, OfEqualOnesTheSmallerModelWins) {
  auto table = empty_table(1);
  auto small = contender("small", "variant", 0.5, {{1}});
  small.parameters = 10;
  fill_table(table, {contender("large", "variant", 0.5, {{1}}), std::move(small)}, {});
  EXPECT_EQ(table.rows[0].contender.name, "small");
}

StudyTable shown_table() {
  auto table = empty_table(1);
  fill_table(table, {contender("a|b", "variant", 0.8, {{1, 0}}), contender("c,\"d\"", "variant", 0.7, {{0, 0}})},
             {});
  table.failed = {"<script>alert(1)</script> seed 3: no"};
  table.missing = {"a seed 4"};
  return table;
}

TEST(TableText, KeepsItsColumnsWhateverNamesHold) {
  const auto markdown = table_markdown(shown_table());
  EXPECT_THAT(markdown, HasSubstr("| **a\\|b** | 1 | 0.8000 | 0.5000 |"));
  EXPECT_THAT(markdown, HasSubstr("- a seed 4"));
  const auto csv = table_csv(shown_table());
  EXPECT_THAT(csv, HasSubstr("\"c,\"\"d\"\"\",variant,0,1,0.7,0,"));
  const auto json = nlohmann::json::parse(table_json(shown_table()));
  EXPECT_EQ(json["best"], "a|b");
  EXPECT_EQ(json["rows"][1]["best_minus_this"]["rows"]["test"], "mcnemar");
  EXPECT_EQ(json["rows"][1]["best_minus_this"]["rows"]["difference"], 0.5);
  EXPECT_EQ(json["missing"][0], "a seed 4");
}

TEST(TablePage, IsWellFormedAndDrawsEveryLine) {
  pugi::xml_document page;
  const auto text = table_page(shown_table());
  const auto parsed = page.load_string(text.c_str());
  ASSERT_TRUE(parsed) << parsed.description();
  EXPECT_TRUE(page.select_nodes("//script").empty());
  EXPECT_EQ(page.select_nodes("//figure//circle").size(), 2u);
  EXPECT_EQ(page.select_nodes("//tbody/tr").size(), 2u);
  EXPECT_THAT(text, HasSubstr("&lt;script&gt;"));
}

}  // namespace
}  // namespace braid
