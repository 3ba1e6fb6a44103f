#include "braid/block/initial.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <thread>

#include "braid/block/linear.h"

namespace braid {
namespace {

// What the generator would give next.
double next_draw() { return at::rand({1}, at::kDouble).item<double>(); }

TEST(InitialWeights, AreDrawnFromTheDefaultGeneratorWithinTheirBounds) {
  at::manual_seed(7);
  const auto uniform = uniform_weights({100, 100}, 0.25);
  const auto normal = normal_weights({100, 100}, 0.5);
  EXPECT_LE(uniform.abs().max().item<float>(), 0.25);
  // Standard deviations over 10 000 draws, to four of their own errors (1/sqrt(2 n), less for the
  // uniform one).
  EXPECT_NEAR(uniform.std().item<float>(), 0.25 / std::sqrt(3.0), 0.004);
  EXPECT_NEAR(normal.std().item<float>(), 0.5, 0.015);
  at::manual_seed(7);
  EXPECT_TRUE(at::equal(uniform_weights({100, 100}, 0.25), uniform));
  EXPECT_TRUE(at::equal(normal_weights({100, 100}, 0.5), normal));
}

TEST(InitialWeights, AreNotDrawnWhereStoredOnesWillReplaceThem) {
  at::manual_seed(7);
  const double first = next_draw();
  at::manual_seed(7);
  {
    const UnsetWeights unset;
    const Linear part(8, 4);
    EXPECT_EQ(normal_weights({3, 2}, 1).sizes(), (std::vector<int64_t>{3, 2}));
    const UnsetWeights again;
  }
  EXPECT_EQ(next_draw(), first);
  at::manual_seed(7);
  const Linear drawn(8, 4);
  EXPECT_NE(next_draw(), first);
}

TEST(InitialWeights, AreDrawnOnOtherThreadsMeanwhile) {
  at::manual_seed(7);
  const auto expected = normal_weights({4}, 1);
  const UnsetWeights unset;
  at::Tensor drawn;
  std::thread([&] {
    at::manual_seed(7);
    drawn = normal_weights({4}, 1);
  }).join();
  EXPECT_TRUE(at::equal(drawn, expected));
}

}  // namespace
}  // namespace braid
