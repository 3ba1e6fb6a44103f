#include "braid/train/adamw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <torch/types.h>

#include "tests/scratch.h"

namespace braid {
namespace {

TrainConfig config() {
  TrainConfig config;
  config.beta1 = 0.9;
  config.beta2 = 0.98;
  config.epsilon = 0.5;
  config.weight_decay = 0.1;
  return config;
}

at::Tensor parameter(at::Tensor values, at::Tensor gradient = {}) {
  values.set_requires_grad(true);
  if (gradient.defined()) values.mutable_grad() = gradient;
  return values;
}

TEST(AdamwOptimizer, DecaysMatricesAndSparesVectors) {
  const auto matrix = parameter(at::ones({1, 1}), at::full({1, 1}, 2.0));
  const auto bias = parameter(at::ones({1}), at::full({1}, 2.0));
  Adamw optimizer({{"w", matrix}, {"b", bias}}, config());
  optimizer.step(0.1, 1);
  // g / (|g| + eps) = 2 / 2.5; rounding of float: 1e-6.
  EXPECT_NEAR(matrix.item<float>(), 1 - 0.1 * (0.8 + 0.1), 1e-6);
  EXPECT_NEAR(bias.item<float>(), 1 - 0.1 * 0.8, 1e-6);
}

TEST(AdamwOptimizer, LeavesParametersWithoutGradientAlone) {
  const auto idle = parameter(at::ones({2, 2}));
  Adamw optimizer({{"w", idle}}, config());
  optimizer.step(0.1, 1);
  EXPECT_TRUE(at::equal(idle.detach(), at::ones({2, 2})));
}

TEST(AdamwOptimizer, NormIsOverAllGradientsTogether) {
  Adamw optimizer({{"w", parameter(at::ones({1, 1}), at::full({1, 1}, 3.0))},
                   {"b", parameter(at::ones({1}), at::full({1}, 4.0))},
                   {"idle", parameter(at::ones({1}))}},
                  config());
  EXPECT_DOUBLE_EQ(optimizer.gradient_norm(), 5.0);
  optimizer.zero_gradients();
  EXPECT_EQ(optimizer.gradient_norm(), 0.0);
}

TEST(AdamwOptimizer, NamesTheFirstBrokenGradient) {
  Adamw optimizer(
      {{"good", parameter(at::ones({2}), at::ones({2}))},
       {"bad", parameter(at::ones({1}), at::full({1}, std::numeric_limits<double>::infinity()))}},
      config());
  EXPECT_EQ(optimizer.broken_gradient(), "bad");
  EXPECT_FALSE(std::isfinite(optimizer.gradient_norm()));
}

TEST(AdamwOptimizer, GoesOnFromItsStateToTheSameBytes) {
  const auto gradient = [](int64_t t) {
    return at::arange(6, at::kFloat).reshape({2, 3}).sin() * static_cast<double>(t);
  };
  const auto run = [&](Adamw& optimizer, const at::Tensor& tensor, int64_t from, int64_t to) {
    for (int64_t t = from; t < to; ++t) {
      at::Tensor(tensor).mutable_grad() = gradient(t);
      optimizer.step(0.01, 0.5);
    }
  };
  const auto whole = parameter(at::ones({2, 3})), halves = parameter(at::ones({2, 3}));
  Adamw one({{"w", whole}}, config());
  run(one, whole, 1, 9);
  Adamw first({{"w", halves}}, config());
  run(first, halves, 1, 5);
  Adamw second({{"w", halves}}, config());
  second.load(first.state(), "x");
  run(second, halves, 5, 9);
  EXPECT_TRUE(at::equal(whole.detach(), halves.detach()));
}

TEST(AdamwOptimizer, RefusesTheStateOfSomethingElse) {
  const auto tensor = parameter(at::ones({2, 3}));
  Adamw optimizer({{"w", tensor}}, config());
  const auto load = [&](const TensorFile& file) {
    return error_of([&] { optimizer.load(file, "run"); });
  };
  auto state = optimizer.state();
  state.metadata["steps"] = "many";
  EXPECT_EQ(load(state), "state: run: expected the optimizer's step count, got 'many'");
  state.metadata.clear();
  EXPECT_EQ(load(state), "state: run: expected the optimizer's step count, got ''");
  state.tensors.pop_back();
  EXPECT_EQ(load(state), "state: run: optimizer state 'w.second' is missing or of another shape");
}

}  // namespace
}  // namespace braid
