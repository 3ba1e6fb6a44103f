#include "braid/metric/paired.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "braid/core/error.h"
#include "tests/metric/predictions.h"

namespace braid {
namespace {

using namespace metric_test;

std::vector<int64_t> own_numbers(size_t n) {
  std::vector<int64_t> group(n);
  std::iota(group.begin(), group.end(), int64_t{0});
  return group;
}

std::vector<double> coins(size_t n, double p, uint64_t seed) {
  Rng rng(seed);
  std::vector<double> values;
  for (size_t i = 0; i < n; ++i) values.push_back(rng.chance(p));
  return values;
}

TEST(McNemarTest, HandWorked) {
  // One against five: 2 * (1 + 6) / 2^6; mid-p takes P(1) = 6 / 64 off.
  const auto test = mcnemar(std::vector<double>{1, 0, 0, 0, 0, 0, 1, 1},
                            std::vector<double>{0, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_NEAR(test.p, 14.0 / 64, 1e-15);
  EXPECT_NEAR(test.mid_p, 8.0 / 64, 1e-15);
  EXPECT_DOUBLE_EQ(test.effect, -4.0 / 8);
  const double middle = -4.0 / 10, reach = 1.959963984540054 * std::sqrt((0.7 - 0.16) / 10);
  EXPECT_NEAR(test.interval.low, middle - reach, 1e-15);
  EXPECT_NEAR(test.interval.high, middle + reach, 1e-15);
}

TEST(McNemarTest, RefusesWhatIsNoAnswer) {
  EXPECT_THROW(mcnemar(std::vector<double>{0.5}, std::vector<double>{1}), Error);
  EXPECT_THROW(mcnemar({}, {}), Error);
  EXPECT_THROW(mcnemar(std::vector<double>{1, 1}, std::vector<double>{1}), Error);
}

TEST(PairedBootstrap, AgreesWithTheNormalInterval) {
  const auto first = coins(500, 0.7, 1), second = coins(500, 0.6, 2);
  const auto test = paired_bootstrap(first, second, own_numbers(500), 3);
  double mean = 0, square = 0;
  for (size_t i = 0; i < 500; ++i) mean += (first[i] - second[i]) / 500;
  for (size_t i = 0; i < 500; ++i) square += std::pow(first[i] - second[i] - mean, 2);
  const double reach = 1.96 * std::sqrt(square) / 500;
  EXPECT_NEAR(test.effect, mean, 1e-15);
  EXPECT_NEAR(test.interval.low, mean - reach, 0.05 * reach);
  EXPECT_NEAR(test.interval.high, mean + reach, 0.05 * reach);
  // Nearly that of the t test: p of 10,000 resamples has an error of about its root / 100.
  const double normal = paired_t(first, second).p;
  EXPECT_NEAR(test.p, normal, 0.04 * std::sqrt(normal));
  EXPECT_NEAR(sign_flip(first, second, own_numbers(500), 3).p, normal, 0.04 * std::sqrt(normal));
}

TEST(PairedBootstrap, TurnedOverTheEffectChangesSign) {
  const auto first = coins(60, 0.8, 4), second = coins(60, 0.5, 5);
  const auto ab = paired_bootstrap(first, second, own_numbers(60), 6);
  const auto ba = paired_bootstrap(second, first, own_numbers(60), 6);
  EXPECT_DOUBLE_EQ(ab.effect, -ba.effect);
  EXPECT_DOUBLE_EQ(ab.p, ba.p);
  EXPECT_NEAR(ab.interval.low, -ba.interval.high, 1e-15);
}

TEST(PairedBootstrap, EqualSystemsDoNotDiffer) {
  const auto same = coins(30, 0.5, 7);
  for (const auto& test : {paired_bootstrap(same, same, own_numbers(30), 0),
                           sign_flip(same, same, own_numbers(30), 0), paired_t(same, same)}) {
    EXPECT_EQ(test.effect, 0);
    EXPECT_EQ(test.p, 1) << test.test;
    EXPECT_EQ(test.interval.low, 0);
    EXPECT_TRUE(test.absent.empty());
  }
}

TEST(PairedBootstrap, CopiesInGroupsTellNothingNew) {
  const auto first = coins(25, 0.8, 8), second = coins(25, 0.5, 9);
  std::vector<double> a, b;
  std::vector<int64_t> group;
  for (size_t i = 0; i < 25; ++i) {
    for (int copy = 0; copy < 4; ++copy) {
      a.push_back(first[i]);
      b.push_back(second[i]);
      group.push_back(static_cast<int64_t>(i));
    }
  }
  const auto one = paired_bootstrap(first, second, own_numbers(25), 1);
  const auto four = paired_bootstrap(a, b, group, 1);
  EXPECT_EQ(four.n, 25);
  EXPECT_DOUBLE_EQ(one.p, four.p);
  EXPECT_NEAR(one.interval.low, four.interval.low, 1e-15);
  EXPECT_DOUBLE_EQ(sign_flip(first, second, own_numbers(25), 1).p, sign_flip(a, b, group, 1).p);
}

TEST(PairedBootstrap, ComparesEveryMetricOfTwoSystems) {
  const auto good = random_classes(80, 3, 10);
  auto bad = good;
  bad.probabilities = matrix(3, std::vector<double>(240, 1.0 / 3));
  const auto a = classification_statistics(good, {}), b = classification_statistics(bad, {});
  const auto tests = paired_bootstrap(a, b, 0, 500);
  ASSERT_EQ(tests.size(), a.metrics.size());
  const auto scores_good = measured(a), scores_bad = measured(b);
  for (size_t i = 0; i < tests.size(); ++i) {
    EXPECT_EQ(tests[i].name, a.metrics[i].name);
    EXPECT_EQ(tests[i].label, a.metrics[i].label);
    if (!tests[i].absent.empty()) continue;
    EXPECT_NEAR(tests[i].effect, scores_good[i].value - scores_bad[i].value, 1e-15);
  }
  EXPECT_EQ(tests[0].name, "accuracy");
  EXPECT_DOUBLE_EQ(tests[0].p, 2.0 / 501);  // not one resample says otherwise
  EXPECT_THROW(paired_bootstrap(a, classification_statistics(random_classes(79, 3, 1), {}), 0),
               Error);
  EXPECT_THROW(paired_bootstrap(a, classification_statistics(random_classes(80, 3, 1), {}), 0),
               Error);  // other labels: classes of other sizes
}

TEST(PairedBootstrap, SaysWhyAMetricCannotBeCompared) {
  const auto one = classification_statistics(two_classes({0.75, 0.25}, {1, 1}), {});
  for (const auto& test : paired_bootstrap(one, one, 0, 10)) {
    EXPECT_EQ(test.absent, test.name == "auroc" || test.name == "average_precision"
                               ? "one class only"
                           : test.name == "specificity" ? "no sample of c0"
                                                        : "")
        << test.name;
  }
}

TEST(SignFlip, HandWorked) {
  // Sums 3 and 1: of the four patterns +-3 +-1 two are as far as 4.
  EXPECT_DOUBLE_EQ(sign_flip(std::vector<double>{2, 1, 1}, std::vector<double>(3),
                             std::vector<int64_t>{1, 1, 2}, 0)
                       .p,
                   0.5);
  // All of one sign: only it and its negative.
  EXPECT_DOUBLE_EQ(
      sign_flip(std::vector<double>(6, 0.1), std::vector<double>(6), own_numbers(6), 0).p,
      2.0 / 64);
}

// Of 200 pairs of equal systems 10 are expected below 0.05, with a deviation of 3.1; the bootstrap
// of 30 samples is known to be a little hopeful.
TEST(PairedTests, FindLittleWhereThereIsNothing) {
  int flips = 0, boots = 0, ts = 0;
  for (uint64_t trial = 0; trial < 200; ++trial) {
    Rng rng(trial);
    std::vector<double> first, second;
    for (int i = 0; i < 30; ++i) {
      first.push_back(rng.normal());
      second.push_back(rng.normal());
    }
    flips += sign_flip(first, second, own_numbers(30), trial).p < 0.05;
    boots += paired_bootstrap(first, second, own_numbers(30), trial, 1000).p < 0.05;
    ts += paired_t(first, second).p < 0.05;
  }
  EXPECT_LE(flips, 20);
  EXPECT_GE(flips, 2);
  EXPECT_LE(boots, 25);
  EXPECT_GE(boots, 2);
  EXPECT_LE(ts, 20);
  EXPECT_GE(ts, 2);
}

TEST(PairedT, NeedsDifferencesThatVary) {
  EXPECT_EQ(paired_t(std::vector<double>{1}, std::vector<double>{0}).absent, "one pair only");
  EXPECT_EQ(paired_t(std::vector<double>{1, 2}, std::vector<double>{0, 1}).absent,
            "every pair differs by the same");
}

TEST(CompareSeeds, AveragesSeedsBeforeItDrawsSamples) {
  const std::vector<std::vector<double>> first = {coins(40, 0.9, 1), coins(40, 0.8, 2)};
  const std::vector<std::vector<double>> second = {coins(40, 0.5, 3), coins(40, 0.6, 4)};
  std::vector<double> a(40), b(40);
  for (size_t i = 0; i < 40; ++i) {
    a[i] = (first[0][i] + first[1][i]) / 2;
    b[i] = (second[0][i] + second[1][i]) / 2;
  }
  const auto group = own_numbers(40);
  const auto all = compare_seeds(first, second, group, 5);
  EXPECT_DOUBLE_EQ(all.bootstrap.p, paired_bootstrap(a, b, group, 5).p);
  EXPECT_DOUBLE_EQ(all.sign_flip.p, sign_flip(a, b, group, 5).p);
  EXPECT_EQ(all.seeds.n, 2);
  EXPECT_NEAR(all.seeds.effect, all.bootstrap.effect, 1e-15);
  EXPECT_EQ(compare_seeds(first, {second[0]}, group, 5).seeds.absent, "other numbers of seeds");
  EXPECT_THROW(compare_seeds(first, {{1}, {1}}, group, 5), Error);
  EXPECT_THROW(compare_seeds({}, second, group, 5), Error);
  EXPECT_THROW(compare_seeds({{1, 1}, {1}}, second, group, 5), Error);
}

TEST(PairedTests, RefuseWhatIsNotPaired) {
  const std::vector<double> two = {1, 2}, one = {1}, odd = {1, NAN};
  EXPECT_THROW(paired_bootstrap(two, one, own_numbers(2), 0), Error);
  EXPECT_THROW(paired_bootstrap(two, two, own_numbers(1), 0), Error);
  EXPECT_THROW(paired_t(two, odd), Error);
  EXPECT_THROW(sign_flip(two, two, own_numbers(3), 0), Error);
  EXPECT_THROW(holm(odd), Error);
  EXPECT_TRUE(holm({}).empty());
}

TEST(HolmTest, HandWorked) {
  EXPECT_EQ(holm(std::vector<double>{0.25, 0.0625, 0.125}),
            (std::vector<double>{0.25, 0.1875, 0.25}));
}

}  // namespace
}  // namespace braid
