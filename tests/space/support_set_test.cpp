#include "braid/space/support_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "tests/scratch.h"

namespace braid {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr double kFewTerms = 1e-6;  // float32, a handful of terms

double farthest(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

SupportSet support_of(double temperature) {
  return SupportSet({.of = "text", .temperature = temperature}, 2);
}

// Unit rows: (1, 0), (0, 1), and (0, 1), (1, 0).
const at::Tensor kKeys = at::tensor({2.f, 0.f, 0.f, 5.f}).view({2, 2});
const at::Tensor kValues = at::tensor({0.f, 3.f, 4.f, 0.f}).view({2, 2});

// x = (3, 4): cosines 0.6 and 0.8, so a = softmax(0.6, 0.8) at temperature 1.
TEST(SupportSet, WeighsAsWorkedByHand) {
  auto support = support_of(1);
  support.fill(kKeys, kValues);
  const double second = 1 / (1 + std::exp(0.6 - 0.8));
  const auto expected = at::tensor({static_cast<float>(second), static_cast<float>(1 - second)});
  EXPECT_LT(farthest(support.forward(at::tensor({3.f, 4.f}).view({1, 2}))[0], expected), kFewTerms);
}

TEST(SupportSet, ColdItTakesTheNearestAlone) {
  auto support = support_of(1e-3);
  support.fill(kKeys, kValues);
  const auto x = at::tensor({0.9f, 0.1f, 0.1f, 0.9f}).view({2, 2});
  EXPECT_LT(farthest(support.forward(x), at::tensor({0.f, 1.f, 1.f, 0.f}).view({2, 2})), kFewTerms);
}

TEST(SupportSet, OfNoSamplesItChangesNothing) {
  auto support = support_of(1);
  const auto x = at::tensor({3.f, 4.f}).view({1, 2});
  EXPECT_EQ(farthest(support.forward(x), x), 0);
  support.fill(kKeys, kValues);
  EXPECT_EQ(support.size(), 2);
  EXPECT_EQ(support.flops(), 16);  // two products of [1, 2] and [2, 2]
  support.clear();
  EXPECT_EQ(support.size(), 0);
  EXPECT_EQ(farthest(support.forward(x), x), 0);
}

TEST(SupportSet, KeysAndValuesGoInPairs) {
  auto support = support_of(1);
  EXPECT_THAT(error_of([&] { support.fill(kKeys, kValues.narrow(0, 0, 1)); }),
              AllOf(HasSubstr("expected keys and values [M, 2]"), HasSubstr("[1, 2]")));
  EXPECT_THAT(error_of([&] { support.fill(at::zeros({2, 3}), at::zeros({2, 3})); }),
              HasSubstr("got [2, 3]"));
  EXPECT_EQ(support.size(), 0);
}

}  // namespace
}  // namespace braid
