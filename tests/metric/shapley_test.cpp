#include "braid/metric/shapley.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "braid/core/error.h"
#include "braid/core/rng.h"

namespace braid {
namespace {

std::vector<double> random_worth(size_t players, uint64_t seed) {
  Rng rng(seed);
  std::vector<double> worth;
  for (size_t set = 0; set < size_t{1} << players; ++set) worth.push_back(rng.normal());
  return worth;
}

// Picture alone .6, sound alone .7, both .9, neither .1: (0.5 + 0.2) / 2 and (0.6 + 0.3) / 2.
TEST(Shapley, HandWorked) {
  const auto phi = shapley(std::vector<double>{0.1, 0.6, 0.7, 0.9});
  EXPECT_NEAR(phi[0], 0.35, 1e-15);
  EXPECT_NEAR(phi[1], 0.45, 1e-15);
}

// The definition by orders, for three players.
TEST(Shapley, IsTheMeanOverAllOrders) {
  const auto worth = random_worth(3, 1);
  std::vector<size_t> order = {0, 1, 2};
  std::vector<double> mean(3);
  do {
    size_t set = 0;
    for (const size_t i : order) {
      mean[i] += (worth[set | size_t{1} << i] - worth[set]) / 6;
      set |= size_t{1} << i;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  const auto phi = shapley(worth);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(phi[i], mean[i], 1e-14);
}

TEST(Shapley, SharesAllThereIsToShare) {
  for (size_t players = 1; players <= kMostPlayers; ++players) {
    const auto worth = random_worth(players, players);
    const auto phi = shapley(worth);
    ASSERT_EQ(phi.size(), players);
    EXPECT_NEAR(std::accumulate(phi.begin(), phi.end(), 0.0), worth.back() - worth[0], 1e-13);
  }
}

TEST(Shapley, EqualPlayersGetTheSame) {
  auto worth = random_worth(4, 2);
  for (size_t set = 0; set < 16; ++set) {  // players 1 and 3 change places
    const size_t other = (set & 5) | (set >> 1 & 1) << 3 | (set >> 3 & 1) << 1;
    worth[set] = worth[std::min(set, other)];
  }
  const auto phi = shapley(worth);
  EXPECT_NEAR(phi[1], phi[3], 1e-14);
}

TEST(Shapley, WhoAddsNothingGetsNothing) {
  auto worth = random_worth(5, 3);
  for (size_t set = 0; set < 32; ++set) worth[set] = worth[set & ~size_t{4}];
  EXPECT_NEAR(shapley(worth)[2], 0, 1e-14);
}

TEST(Shapley, AddsUpOverGames) {
  const auto a = random_worth(4, 4), b = random_worth(4, 5);
  std::vector<double> sum;
  for (size_t set = 0; set < 16; ++set) sum.push_back(a[set] + 2 * b[set]);
  const auto of_a = shapley(a), of_b = shapley(b), of_sum = shapley(sum);
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(of_sum[i], of_a[i] + 2 * of_b[i], 1e-13);
}

TEST(Shapley, RefusesTablesThatAreNotWhole) {
  for (const size_t size : {0, 1, 3, 12, 64}) {
    EXPECT_THROW(shapley(std::vector<double>(size)), Error) << size;
  }
  EXPECT_THROW(shapley(std::vector<double>{0, NAN}), Error);
}

}  // namespace
}  // namespace braid
