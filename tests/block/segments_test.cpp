#include "braid/block/segments.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/core/error.h"

namespace braid {
namespace {

// [1 0 1], [0 0 0], [0 1 0]: a hole, nothing, padding on both sides.
at::Tensor holed_mask() {
  auto mask = at::zeros({3, 3}, at::kBool);
  mask[0][0] = mask[0][2] = mask[2][1] = true;
  return mask;
}

at::Tensor numbers(std::vector<float> values, std::vector<int64_t> shape) {
  return at::tensor(values).view(shape);
}

TEST(Segments, KnowWhichRowIsWhose) {
  const auto segments = Segments::of_mask(holed_mask());
  EXPECT_EQ(segments.offsets(), (std::vector<int64_t>{0, 2, 2, 3}));
  EXPECT_EQ(segments.count(), 3);
  EXPECT_EQ(segments.rows(), 3);
  EXPECT_TRUE(at::equal(segments.step_of_row(at::kCPU), at::tensor({0, 2, 1}, at::kLong)));
  EXPECT_TRUE(at::equal(segments.sample_of_row(at::kCPU), at::tensor({0, 0, 2}, at::kLong)));
  const auto even = Segments::uniform(2, 2);
  EXPECT_FALSE(even.mask().defined());
  EXPECT_TRUE(at::equal(even.step_of_row(at::kCPU), at::tensor({0, 1, 0, 1}, at::kLong)));
  EXPECT_TRUE(at::equal(even.sample_of_row(at::kCPU), at::tensor({0, 0, 1, 1}, at::kLong)));
  EXPECT_FALSE(Segments::of_mask(at::ones({2, 2}, at::kBool)).mask().defined());
}

TEST(Segments, PackAndPadAreEachOthersInverse) {
  const auto segments = Segments::of_mask(holed_mask());
  const auto padded = at::arange(1, 19, at::kFloat).view({3, 3, 2});
  const auto rows = segments.pack(padded);
  EXPECT_TRUE(at::equal(rows, numbers({1, 2, 5, 6, 15, 16}, {3, 2})));
  EXPECT_TRUE(at::equal(segments.pad(rows), padded * holed_mask().unsqueeze(2)));
  EXPECT_TRUE(
      Segments::uniform(3, 3).pad(Segments::uniform(3, 3).pack(padded)).is_alias_of(padded));
}

TEST(Segments, PoolToHandWorkedValuesWithTheirGradients) {
  const auto segments = Segments::of_mask(holed_mask());
  auto rows = numbers({1, 2, 3, 6, 7, 8}, {3, 2}).requires_grad_();
  const auto mean = segment_mean(rows, segments), last = segment_last(rows, segments);
  EXPECT_TRUE(at::equal(mean, numbers({2, 4, 0, 0, 7, 8}, {3, 2})));
  EXPECT_TRUE(at::equal(last, numbers({3, 6, 0, 0, 7, 8}, {3, 2})));
  (mean + last).sum().backward();
  EXPECT_TRUE(at::equal(rows.grad(), numbers({.5, .5, 1.5, 1.5, 2, 2}, {3, 2})));
}

TEST(Segments, PoolUniformOnesAndNone) {
  const auto rows = numbers({1, 2, 3, 6, 7, 8, 1, 0}, {4, 2});
  const auto even = Segments::uniform(2, 2);
  EXPECT_TRUE(at::equal(segment_mean(rows, even), numbers({2, 4, 4, 4}, {2, 2})));
  EXPECT_TRUE(at::equal(segment_last(rows, even), numbers({3, 6, 1, 0}, {2, 2})));
  const auto none = Segments::of_mask(at::zeros({2, 3}, at::kBool));
  const auto nothing = at::zeros({0, 2});
  EXPECT_TRUE(at::equal(segment_mean(nothing, none), at::zeros({2, 2})));
  EXPECT_TRUE(at::equal(segment_last(nothing, none), at::zeros({2, 2})));
  EXPECT_TRUE(at::equal(none.pad(nothing), at::zeros({2, 3, 2})));
}

TEST(Segments, RefuseOtherShapes) {
  EXPECT_THROW(Segments::of_mask(at::zeros({3}, at::kBool)), Error);
  EXPECT_THROW(Segments::of_mask(at::zeros({3, 2})), Error);
  EXPECT_THROW(Segments::uniform(2, 3).pack(at::zeros({3, 2, 1})), Error);
  EXPECT_THROW(Segments::of_mask(holed_mask()).pad(at::zeros({4, 1})), Error);
}

}  // namespace
}  // namespace braid
