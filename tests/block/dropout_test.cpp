#include "braid/block/dropout.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

namespace braid {
namespace {

TEST(Dropout, KeepsTheMeanAndDropsTheShareItSays) {
  torch::manual_seed(1);
  const auto y = apply_dropout(at::ones({400000}), 0.3, true);
  const double dropped = y.eq(0).sum().item<int64_t>() / 400000.0;
  EXPECT_NEAR(dropped, 0.3, 0.004);                    // standard error 0.0007
  EXPECT_NEAR(y.mean().item<double>(), 1.0, 0.006);    // standard error 0.001
  EXPECT_NEAR(y.max().item<double>(), 1 / 0.7, 1e-4);  // p is rounded to 2^-16
  // Neighbours are independent: both dropped in 0.09 of the pairs.
  const auto zero = y.eq(0);
  const auto both = zero.slice(0, 0, 399999).logical_and(zero.slice(0, 1));
  EXPECT_NEAR(both.sum().item<int64_t>() / 399999.0, 0.09, 0.003);
}

TEST(Dropout, BackwardUsesTheMaskOfForward) {
  torch::manual_seed(1);
  for (const auto type : {at::kFloat, at::kDouble}) {
    const auto x = at::ones({37, 11}, type).requires_grad_();
    const auto y = apply_dropout(x, 0.5, true);
    y.sum().backward();
    EXPECT_TRUE(at::equal(x.grad(), y));
  }
}

TEST(Dropout, FollowsTheSeedAndNotTheThreads) {
  const auto run = [] {
    torch::manual_seed(4);
    return apply_dropout(at::ones({100003}), 0.2, true);
  };
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = run();
  at::set_num_threads(3);
  EXPECT_TRUE(at::equal(one, run()));
  at::set_num_threads(before);
  EXPECT_FALSE(at::equal(one, apply_dropout(at::ones({100003}), 0.2, true)));
}

TEST(Dropout, ChangesNothingOutsideTrainingOrAtZero) {
  const auto x = at::randn({5});
  EXPECT_TRUE(apply_dropout(x, 0.5, false).is_same(x));
  EXPECT_TRUE(apply_dropout(x, 0, true).is_same(x));
  EXPECT_TRUE(drop_path(x, 0.5, false).is_same(x));
}

TEST(DropPath, DropsWholeSamplesAndKeepsTheMean) {
  torch::manual_seed(1);
  const auto y = drop_path(at::ones({20000, 2, 3}), 0.25, true);
  const auto first = y.select(2, 0).select(1, 0);
  EXPECT_TRUE(at::equal(y, first.view({-1, 1, 1}).expand({20000, 2, 3})));
  EXPECT_NEAR(first.mean().item<double>(), 1.0, 0.02);  // standard error 0.004
  EXPECT_NEAR(first.eq(0).sum().item<int64_t>() / 20000.0, 0.25, 0.016);
}

}  // namespace
}  // namespace braid
