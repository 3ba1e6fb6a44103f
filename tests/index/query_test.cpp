#include "braid/index/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/index/items.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;

// Worked by hand: 1 * (1, 0) - 0.5 * (0, 1) = (1, -0.5), of length sqrt(1.25).
TEST(ComposeQuery, SumsWeightedUnitVectorsAndScalesToLengthOne) {
  const std::vector<QueryPart> parts = {{"dog", {3, 0}, 1}, {"beach", {0, 0.2f}, -0.5}};
  const float length = std::sqrt(1.25f);
  EXPECT_THAT(compose_query(parts),
              ElementsAre(FloatNear(1 / length, 1e-6f), FloatNear(-0.5f / length, 1e-6f)));
}

// (0.6, 0.8) + 2 * (1, 0) - (0, 1) = (2.6, -0.2); 2.6^2 + 0.2^2 = 6.8.
TEST(ComposeQuery, TakesAnyNumberOfParts) {
  const std::vector<QueryPart> parts = {{"a", {3, 4}, 1}, {"b", {7, 0}, 2}, {"c", {0, 9}, -1}};
  const float length = std::sqrt(6.8f);
  EXPECT_THAT(compose_query(parts),
              ElementsAre(FloatNear(2.6f / length, 1e-6f), FloatNear(-0.2f / length, 1e-6f)));
}

TEST(ComposeQuery, OfOnePartIsItsDirectionWhateverTheWeight) {
  EXPECT_THAT(compose_query(std::vector<QueryPart>{{"a", {3, 4}, 0.1}}),
              ElementsAre(FloatNear(0.6f, 1e-6f), FloatNear(0.8f, 1e-6f)));
  EXPECT_THAT(compose_query(std::vector<QueryPart>{{"a", {3, 4}, -2}}),
              ElementsAre(FloatNear(-0.6f, 1e-6f), FloatNear(-0.8f, 1e-6f)));
}

TEST(ComposeQuery, RefusesWhatHasNoDirection) {
  const auto error = [](std::vector<QueryPart> parts) {
    return error_of([&] { compose_query(parts); });
  };
  EXPECT_THAT(error({}), HasSubstr("at least one part"));
  EXPECT_THAT(error({{"a", {1, 2}, 1}, {"b", {2, 4}, -1}}), HasSubstr("input: the parts"));
  EXPECT_THAT(error({{"a", {1, 2}, 0}}), HasSubstr("a: its weight is 0"));
  EXPECT_THAT(error({{"a", {1, 2}, std::nan("")}}), HasSubstr("a: its weight is nan"));
  EXPECT_THAT(error({{"a", {0, 0}, 1}}), HasSubstr("a is zero"));
  EXPECT_THAT(error({{"a", {1, 2}, 1}, {"b", {1, 2, 3}, 1}}), HasSubstr("b has 3 values"));
  EXPECT_THAT(error({{"a", {std::numeric_limits<float>::infinity(), 2}, 1}}),
              HasSubstr("infinity"));
}

// dog at 0 degrees, beach at 90, dog on a beach at 45, cat at 180: without the beach, the plain dog
// leads although dog-on-beach is nearer to "dog" than the dog a little aside.
TEST(ComposeQuery, MovesTheAnswerAwayFromWhatIsToBeAvoided) {
  const Scratch scratch;
  const auto index = create_index(scratch / "x.index", kTestOrigin, 2);
  index->add(std::vector{item_of("dog_on_beach", {0.8f, 0.6f}), item_of("dog", {0.7f, -0.7f}),
                         item_of("beach", {0, 1}), item_of("cat", {-1, 0})});
  const std::vector<QueryPart> dog = {{"dog", {1, 0}, 1}};
  EXPECT_THAT(keys_of(index->search(compose_query(dog), 2)), ElementsAre("dog_on_beach", "dog"));
  const std::vector<QueryPart> no_beach = {{"dog", {1, 0}, 1}, {"beach", {0, 1}, -0.5}};
  // 0.8 - 0.3 = 0.5 for dog_on_beach, 0.7071 + 0.3536 = 1.06 for dog, both over sqrt(1.25).
  const auto hits = index->search(compose_query(no_beach), 2);
  EXPECT_THAT(keys_of(hits), ElementsAre("dog", "dog_on_beach"));
  EXPECT_NEAR(hits[0].score, 1.5 * std::sqrt(0.5) / std::sqrt(1.25), 1e-6);
  EXPECT_NEAR(hits[1].score, 0.5 / std::sqrt(1.25), 1e-6);
}

}  // namespace
}  // namespace braid
