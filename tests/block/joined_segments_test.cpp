#include "braid/block/joined_segments.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/core/error.h"

namespace braid {
namespace {

at::Tensor column(std::vector<float> values) {
  return at::tensor(values).view({static_cast<int64_t>(values.size()), 1});
}

// The header's picture, with a hole in the first part.
TEST(JoinedSegments, PutsThePartsOfEachSampleInTurn) {
  auto mask = at::ones({2, 3}, at::kBool), other = at::ones({2, 2}, at::kBool);
  mask[0][1] = false;           // a0 . a1
  mask[1].slice(0, 1).fill_(0);  // b0
  other[0][1] = false;          // x0 / y0 y1
  const JoinedSegments joined({Segments::of_mask(mask), Segments::of_mask(other)});
  EXPECT_EQ(joined.segments().offsets(), (std::vector<int64_t>{0, 3, 6}));
  EXPECT_EQ(joined.segments().steps(), 5);
  const auto a = column({1, 2, 3}), x = column({7, 8, 9});
  const auto rows = joined.join({a, x});
  EXPECT_TRUE(at::equal(rows, column({1, 2, 7, 3, 8, 9})));
  const auto apart = joined.split(rows);
  EXPECT_TRUE(at::equal(apart[0], a));
  EXPECT_TRUE(at::equal(apart[1], x));
}

TEST(JoinedSegments, JoinsWholeBatchesWithoutAMask) {
  const JoinedSegments joined({Segments::uniform(2, 1), Segments::uniform(2, 2)});
  EXPECT_FALSE(joined.segments().mask().defined());
  EXPECT_TRUE(at::equal(joined.join({column({1, 2}), column({3, 4, 5, 6})}),
                        column({1, 3, 4, 2, 5, 6})));
}

TEST(JoinedSegments, OnePartStaysAsItIs) {
  const JoinedSegments joined({Segments::uniform(2, 1)});
  const auto rows = column({1, 2});
  EXPECT_TRUE(joined.join({rows}).is_same(rows));
  EXPECT_TRUE(joined.split(rows)[0].is_same(rows));
}

TEST(JoinedSegments, APartThatNoSampleHasChangesNothing) {
  const JoinedSegments joined(
      {Segments::of_mask(at::zeros({2, 2}, at::kBool)), Segments::uniform(2, 1)});
  const auto rows = joined.join({at::zeros({0, 1}), column({3, 4})});
  EXPECT_TRUE(at::equal(rows, column({3, 4})));
  EXPECT_EQ(joined.split(rows)[0].size(0), 0);
}

TEST(JoinedSegments, RefusesOtherBatchesAndCounts) {
  EXPECT_THROW(JoinedSegments({}), Error);
  EXPECT_THROW(JoinedSegments({Segments::uniform(2, 1), Segments::uniform(3, 1)}), Error);
  const JoinedSegments joined({Segments::uniform(2, 1), Segments::uniform(2, 1)});
  EXPECT_THROW(joined.join({column({1, 2})}), Error);
  EXPECT_THROW(joined.join({column({1, 2}), column({1})}), Error);
}

}  // namespace
}  // namespace braid
