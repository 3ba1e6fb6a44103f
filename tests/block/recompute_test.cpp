#include "braid/block/recompute.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "braid/block/dropout.h"
#include "braid/block/random_scope.h"

namespace braid {
namespace {

at::Tensor leaf(int64_t rows) { return at::randn({rows, 3}, at::kDouble).requires_grad_(true); }

// The graph that recomputed() leaves out, kept: bit by bit the same gradient.
TEST(Recomputed, GivesTheGradientOfTheGraphThatItLeavesOut) {
  at::manual_seed(1);
  const auto x = at::randn({4, 5}, at::kDouble);
  auto weight = leaf(5);
  const auto run = [&] { return apply_dropout(x.matmul(weight).tanh(), 0.5, true).exp(); };
  at::Tensor kept;
  {
    const RandomScope random(at::kCPU, 9);
    kept = run();
  }
  kept.square().sum().backward();
  const auto want = weight.grad().clone();
  weight.mutable_grad().reset();
  const auto again = recomputed(run, at::kCPU, 9);
  EXPECT_TRUE(again.requires_grad());
  EXPECT_TRUE(at::equal(again, kept));
  again.square().sum().backward();
  EXPECT_TRUE(at::equal(weight.grad(), want));
}

TEST(Recomputed, AddsUpWhereStretchesShareALeaf) {
  at::manual_seed(2);
  auto weight = leaf(1);
  const auto twice = [&](double factor) {
    return recomputed([&weight, factor] { return weight * factor; }, at::kCPU, 1);
  };
  (twice(2) + twice(5)).sum().backward();
  EXPECT_TRUE(at::equal(weight.grad(), at::full({1, 3}, 7.0, at::kDouble)));
}

TEST(Recomputed, RunsOnceMoreInTheBackwardPassOnlyAndLetsGoOfWhatItReads) {
  auto weight = leaf(1);
  int runs = 0;
  auto input = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = input;
  const auto run = [&weight, &runs, input = std::move(input)] {
    ++runs;
    return weight * 2;
  };
  const auto sum = recomputed(run, at::kCPU, 1).sum();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(watched.use_count(), 2);  // ours and the graph's
  sum.backward();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(watched.use_count(), 1);
  {
    const at::NoGradGuard no_grad;
    EXPECT_FALSE(recomputed(run, at::kCPU, 1).requires_grad());
  }
  EXPECT_EQ(runs, 3);
}

TEST(Recomputed, HandsOnAnErrorOfTheSecondRun) {
  auto weight = leaf(1);
  int runs = 0;
  const auto sum = recomputed(
                       [&] {
                         if (++runs == 2) throw std::invalid_argument("second");
                         return weight * 2;
                       },
                       at::kCPU, 1)
                       .sum();
  EXPECT_THROW(sum.backward(), std::invalid_argument);
}

TEST(RandomScope, LeavesTheGeneratorWhereItStood) {
  at::manual_seed(4);
  at::rand({3});
  const auto want = at::randn({7}, at::kDouble);
  at::manual_seed(4);
  at::rand({3});
  {
    const RandomScope random(at::kCPU, 11);
    at::randn({2});
  }
  EXPECT_TRUE(at::equal(at::randn({7}, at::kDouble), want));
}

TEST(RandomScope, DrawsTheSameFromOneSeedAndOtherThingsFromAnother) {
  const auto drawn = [](uint64_t seed) {
    const RandomScope random(at::kCPU, seed);
    return at::rand({16});
  };
  EXPECT_TRUE(at::equal(drawn(1), drawn(1)));
  EXPECT_FALSE(at::equal(drawn(1), drawn(2)));
}

}  // namespace
}  // namespace braid
