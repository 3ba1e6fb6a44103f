#include "braid/metric/contribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <sstream>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/rng.h"

namespace braid {
namespace {

using testing::HasSubstr;

// Two samples. The first is right from the picture (a), the second from both only.
ContributionInput hand_input() {
  ContributionInput in;
  in.protocol = "P";
  in.split = "test";
  in.task = "digit";
  in.fields = {"a", "b"};
  in.worths = {{"accuracy",
                {{0, {0, 0}}, {1, {1, 0}}, {2, {0, 0}}, {3, {1, 1}}},
                {{0, 0}, {1, 0}}}};
  in.shuffled_rows = {0, 1};
  return in;
}

TEST(ContributionOf, IsTheMeanOfTheShapleyValuesOfSamples) {
  const auto in = hand_input();
  // First: a adds 1 in both orders. Second: whoever comes last adds 1.
  EXPECT_EQ(sample_shapley(in.worths[0], 2), (std::vector<double>{1, 0, 0.5, 0.5}));
  const auto out = contribution_of(in);
  EXPECT_DOUBLE_EQ(out.fields[0].shares[0].shapley->value, 0.75);
  EXPECT_DOUBLE_EQ(out.fields[1].shares[0].shapley->value, 0.25);
  // Two samples: resamples are both of one or one of each, so the ends are the samples' own.
  EXPECT_DOUBLE_EQ(out.fields[0].shares[0].shapley->low, 0.5);
  EXPECT_DOUBLE_EQ(out.fields[0].shares[0].shapley->high, 1);
  EXPECT_EQ(out.n, 2);
}

TEST(ContributionOf, ResamplesDrawGroupsWhole) {
  auto in = hand_input();
  in.group = {7, 7};  // one group: every resample is the split itself
  const auto out = contribution_of(in);
  for (const auto& estimate : {*out.fields[0].shares[0].shapley, out.single.gain}) {
    EXPECT_DOUBLE_EQ(estimate.low, estimate.value);
    EXPECT_DOUBLE_EQ(estimate.high, estimate.value);
  }
  in.group = {7};
  EXPECT_THROW(contribution_of(in), Error);
}

TEST(ContributionOf, DropsAreAgainstTheSameSamples) {
  auto in = hand_input();
  auto out = contribution_of(in);
  EXPECT_DOUBLE_EQ(out.fields[0].shares[0].drop->value, 1);
  EXPECT_DOUBLE_EQ(out.fields[1].shares[0].drop->value, 0.5);
  in.shuffled_rows = {1};  // of the second alone
  in.worths[0].shuffled = {{0.25}, {}};
  out = contribution_of(in);
  EXPECT_DOUBLE_EQ(out.fields[0].shares[0].drop->value, 0.75);
  EXPECT_FALSE(out.fields[1].shares[0].drop);
  EXPECT_EQ(out.shuffled, 1);
}

TEST(ContributionOf, TheBestSingleFieldIsTestedAgainstAll) {
  const auto out = contribution_of(hand_input());
  EXPECT_EQ(out.single.field, "a");
  EXPECT_DOUBLE_EQ(out.single.alone, 0.5);
  EXPECT_DOUBLE_EQ(out.single.together, 1);
  EXPECT_DOUBLE_EQ(out.single.gain.value, 0.5);
  EXPECT_GT(out.single.p, 0.05);  // two samples show nothing
}

// `useful` decides what is right; `noise` moves probabilities a little, to either side alike.
ContributionInput planted(size_t samples, bool noise_is_useful) {
  ContributionInput in;
  in.fields = {"useful", "noise"};
  Worth right{"accuracy", {}, {{}, {}}}, probability{"probability", {}, {{}, {}}};
  Rng rng(7);
  for (size_t i = 0; i < samples; ++i) {
    in.shuffled_rows.push_back(static_cast<int64_t>(i));
    const double gain = noise_is_useful ? 0.2 : 0;
    const double alone = 0.3 + 0.5 * rng.uniform();
    const auto shaken = [&](double p) { return p + 0.02 * (rng.uniform() - 0.5); };
    const std::vector<double> p = {0.25, alone, shaken(0.25 + gain / 2), shaken(alone + gain)};
    for (size_t set = 0; set < 4; ++set) {
      probability.sets[set].push_back(p[set]);
      right.sets[set].push_back(p[set] > 0.5);
    }
    const double shuffled[] = {shaken(0.25), shaken(alone)};
    for (size_t f = 0; f < 2; ++f) {
      probability.shuffled[f].push_back(shuffled[f]);
      right.shuffled[f].push_back(shuffled[f] > 0.5);
    }
  }
  in.worths = {right, probability};
  return in;
}

TEST(ContributionOf, WarnsOfAUselessField) {
  const auto out = contribution_of(planted(300, false));
  ASSERT_EQ(out.warnings.size(), 2u);
  EXPECT_THAT(out.warnings[0], HasSubstr("field 'noise' looks ignored: with its values shuffled "
                                         "between 300 rows, mean probability drops by "));
  EXPECT_THAT(out.warnings[1],
              HasSubstr("all fields together are not shown to answer better than 'useful' alone"));
}

TEST(ContributionOf, DoesNotWarnWhereBothAreUseful) {
  EXPECT_THAT(contribution_of(planted(300, true)).warnings, testing::IsEmpty());
}

TEST(ContributionOf, WarnsWhereTheBestFieldAloneIsBetter) {
  auto in = planted(300, false);
  for (auto& worth : in.worths) {
    for (size_t i = 0; i < 300; i += 2) worth.sets[3][i] = 0;
  }
  EXPECT_THAT(contribution_of(in).warnings,
              testing::Contains(HasSubstr("'useful' alone answers better than all fields")));
}

TEST(ContributionOf, AFieldThatIsShuffledAtACostButAddsNothingIsNamed) {
  ContributionInput in;  // the model looks at b, and is no better for it
  in.fields = {"a", "b"};
  const std::vector<double> half(40, 0.5), most(40, 0.9), less(40, 0.4);
  in.worths = {{"probability", {{0, half}, {1, most}, {2, half}, {3, most}}, {less, less}}};
  in.shuffled_rows.resize(40);
  std::iota(in.shuffled_rows.begin(), in.shuffled_rows.end(), int64_t{0});
  EXPECT_THAT(contribution_of(in).warnings,
              testing::Contains(HasSubstr("field 'b' adds nothing that 40 rows can show")));
}

TEST(ContributionOf, ManyFieldsHaveNoShapleyValues) {
  ContributionInput in;
  in.fields = {"a", "b", "c", "d", "e", "f"};
  in.worths = {{"accuracy", {{63, {1, 1}}, {1, {1, 0}}}, {}}};
  const auto out = contribution_of(in);
  EXPECT_FALSE(out.fields[0].shares[0].shapley);
  EXPECT_EQ(out.single.field, "a");
  EXPECT_TRUE(sample_shapley(in.worths[0], 6).empty());
  EXPECT_THAT(contribution_tables(std::vector{out}), HasSubstr("left out, of more than 5 fields"));
}

TEST(ContributionOf, RefusesWhatDoesNotFit) {
  auto in = hand_input();
  in.worths[0].sets[2] = {1};
  EXPECT_THROW(contribution_of(in), Error);
  in = hand_input();
  in.worths[0].sets[1][0] = NAN;
  EXPECT_THROW(contribution_of(in), Error);
  in = hand_input();
  in.shuffled_rows = {0, 2};
  EXPECT_THROW(contribution_of(in), Error);
  in = hand_input();
  in.fields = {"a"};
  EXPECT_THROW(contribution_of(in), Error);
}

TEST(ContributionText, FitsEightyColumns) {
  auto in = hand_input();
  in.alpha = {0.4, 0.6};
  in.fields[1] = std::string(50, 'b');
  in.worths[0].shuffled[0] = {-123456, -123456};
  const auto text = contribution_tables(std::vector{contribution_of(in)});
  EXPECT_THAT(text, HasSubstr("what fields add to digit, protocol P, n 2, in accuracy"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(ContributionText, JsonHasEveryFigure) {
  auto in = hand_input();
  in.alpha = {0.4, 0.6};
  const auto json = nlohmann::json::parse(contributions_json(std::vector{contribution_of(in)}))[0];
  EXPECT_EQ(json["task"], "digit");
  EXPECT_EQ(json["fields"][1]["accuracy"]["shapley"]["value"], 0.25);
  EXPECT_EQ(json["fields"][1]["accuracy"]["drop"]["value"], 0.5);
  EXPECT_EQ(json["fields"][0]["alpha"], 0.4);
  EXPECT_EQ(json["best_single"]["field"], "a");
  EXPECT_EQ(json["warnings"].size(), contribution_of(in).warnings.size());
}

}  // namespace
}  // namespace braid
