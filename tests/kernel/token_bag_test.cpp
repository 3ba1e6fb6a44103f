#include "braid/kernel/token_bag.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <vector>

#include "braid/core/rng.h"
#include "simd_targets.h"

namespace braid {
namespace {

struct BagCase {
  int64_t texts, steps, width, vocabulary;
  double dropout;
};

struct BagData {
  explicit BagData(const BagCase& c)
      : ids(static_cast<size_t>(c.texts * c.steps)),
        real(new bool[ids.size() + 1]()),
        table(static_cast<size_t>(c.vocabulary * c.width)),
        change(static_cast<size_t>(c.texts * c.width)) {
    Rng rng(7);
    for (auto& id : ids) id = rng.below(c.vocabulary);
    // The first text is empty, the others have holes.
    for (int64_t i = c.steps; i < c.texts * c.steps; ++i) real[i] = rng.below(3) > 0;
    for (auto& x : table) x = static_cast<float>(rng.normal());
    for (auto& x : change) x = static_cast<float>(rng.normal());
    bag = {c.texts, c.steps, c.width, ids.data(), real.get(), c.dropout, 42};
  }
  std::vector<int64_t> ids;
  std::unique_ptr<bool[]> real;
  std::vector<float> table, change;
  TokenBag bag;
};

void expect_near(const std::vector<float>& got, const std::vector<float>& want) {
  for (size_t i = 0; i < want.size(); ++i) ASSERT_NEAR(got[i], want[i], 2e-5) << "at " << i;
}

TEST(TokenBag, IsTheMeanOfTheRealTokens) {
  const std::vector<int64_t> ids = {0, 2, 1, 1, 0, 0};
  const bool real[] = {true, true, false, true, false, false};
  const std::vector<float> table = {1, 2, 30, 40, 5, 6};
  std::vector<float> pooled(4), change(6);
  const TokenBag bag{2, 3, 2, ids.data(), real, 0, 0};
  token_bag_forward(bag, table.data(), pooled.data());
  EXPECT_EQ(pooled, (std::vector<float>{3, 4, 30, 40}));
  const std::vector<float> d_pooled = {2, 4, 7, 8};
  token_bag_backward(bag, d_pooled.data(), change.data());
  EXPECT_EQ(change, (std::vector<float>{1, 2, 7, 8, 1, 2}));
}

TEST(TokenBag, AgreesWithTheReferenceOnOddAndEmptyShapes) {
  for (const BagCase& c :
       {BagCase{3, 4, 1, 2, 0.1}, BagCase{5, 7, 13, 9, 0.3}, BagCase{4, 3, 64, 5, 0},
        BagCase{6, 16, 131, 40, 0.5}, BagCase{0, 4, 8, 3, 0.1}, BagCase{2, 5, 192, 3, 0.9}}) {
    const BagData data(c);
    std::vector<float> want(data.change.size()), want_change(data.table.size(), 0.5f);
    token_bag_forward_ref(data.bag, data.table.data(), want.data());
    token_bag_backward_ref(data.bag, data.change.data(), want_change.data());
    on_every_simd([&] {
      std::vector<float> got(want.size(), 9.0f), got_change(data.table.size(), 0.5f);
      token_bag_forward(data.bag, data.table.data(), got.data());
      expect_near(got, want);
      token_bag_backward(data.bag, data.change.data(), got_change.data());
      expect_near(got_change, want_change);
    });
  }
}

TEST(TokenBag, KeepsTheMeanUnderDropout) {
  const std::vector<int64_t> ids(4000, 0);
  const auto real = std::make_unique<bool[]>(ids.size());
  std::fill_n(real.get(), ids.size(), true);
  const std::vector<float> table(16, 1.0f);
  std::vector<float> pooled(16);
  token_bag_forward({1, 4000, 16, ids.data(), real.get(), 0.25, 5}, table.data(), pooled.data());
  const float mean = std::accumulate(pooled.begin(), pooled.end(), 0.0f) / 16;
  EXPECT_NEAR(mean, 1, 0.01);  // 64000 draws: a deviation of 0.0023
  EXPECT_NE(pooled[0], pooled[1]);
}

}  // namespace
}  // namespace braid
