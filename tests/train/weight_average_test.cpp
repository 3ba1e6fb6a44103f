#include "braid/train/weight_average.h"

#include <gtest/gtest.h>

#include <torch/types.h>

#include "tests/scratch.h"

namespace braid {
namespace {

class Scalar : public Module {
 public:
  Scalar()
      : weight(register_parameter("weight", at::zeros({1}))),
        buffer(register_buffer("buffer", at::zeros({1}))),
        count(register_buffer("count", at::zeros({1}, at::kLong))) {}
  void set(double value) {
    const at::NoGradGuard no_grad;
    weight.fill_(value);
    buffer.fill_(-value);
    count.fill_(7);
  }
  at::Tensor weight, buffer, count;
};

// d_1 = min(d, 2/11), d_2 = min(d, 3/12).
TEST(WeightAverage, ForgetsEarlyStepsAsWorkedByHand) {
  Scalar module;
  WeightAverage average(module, 0.99);
  module.set(11);
  average.update(1);  // 2/11 * 0 + 9/11 * 11 = 9
  module.set(1);
  average.update(2);  // 1/4 * 9 + 3/4 * 1 = 3
  average.swap();
  EXPECT_NEAR(module.weight.item<float>(), 3, 1e-5);
  EXPECT_NEAR(module.buffer.item<float>(), -3, 1e-5);
  EXPECT_EQ(module.count.item<int64_t>(), 7);  // whole numbers are not averaged
}

TEST(WeightAverage, DecayBoundsTheMemory) {
  Scalar module;
  WeightAverage average(module, 0.1);
  module.set(10);
  average.update(1000);  // 0.1 * 0 + 0.9 * 10
  average.swap();
  EXPECT_NEAR(module.weight.item<float>(), 9, 1e-5);
}

TEST(WeightAverage, SwappingTwiceChangesNothing) {
  Scalar module;
  WeightAverage average(module, 0.5);
  module.set(4);
  average.update(1);
  average.swap();
  average.swap();
  EXPECT_EQ(module.weight.item<float>(), 4);
}

TEST(WeightAverage, GoesOnFromItsState) {
  Scalar module, other;
  WeightAverage average(module, 0.9), resumed(other, 0.9);
  module.set(4);
  average.update(1);
  other.set(4);
  resumed.load(average.state(), "x");
  module.set(5), other.set(5);
  average.update(2), resumed.update(2);
  average.swap(), resumed.swap();
  EXPECT_TRUE(at::equal(module.weight, other.weight));
}

TEST(WeightAverage, RefusesTheStateOfSomethingElse) {
  Scalar module;
  WeightAverage average(module, 0.9);
  EXPECT_EQ(error_of([&] { average.load({}, "run"); }),
            "state: run: averaged weight 'weight' is missing or of another shape");
}

}  // namespace
}  // namespace braid
