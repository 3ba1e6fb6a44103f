#include "braid/index/duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/index/items.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<float> at_degrees(double degrees) {
  const double angle = degrees * std::acos(-1.0) / 180;
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

std::vector<std::string> group_keys(const std::vector<DuplicateItem>& group) {
  std::vector<std::string> keys;
  for (const auto& item : group) keys.push_back(item.key);
  return keys;
}

class Duplicates : public ::testing::Test {
 protected:
  Scratch scratch_;
  std::unique_ptr<Index> index_ = create_index(scratch_ / "x.index", kTestOrigin, 2);
};

// cos 5 degrees = 0.99619, cos 10 degrees = 0.98481.
TEST_F(Duplicates, AreGroupedAlsoOverAThirdItem) {
  index_->add(std::vector{item_of("a", at_degrees(0)), item_of("b", at_degrees(5)),
                          item_of("c", at_degrees(10)), item_of("far", at_degrees(90)),
                          item_of("y", at_degrees(200)), item_of("z", at_degrees(200))});
  const auto report = find_duplicates(*index_, {0.99, 1});
  EXPECT_EQ(report.items, 6);
  EXPECT_EQ(report.pairs, 3);  // a-b, b-c, y-z; a-c are 10 degrees apart
  ASSERT_EQ(report.groups.size(), 2u);
  EXPECT_THAT(group_keys(report.groups[0]), ElementsAre("a", "b", "c"));
  EXPECT_THAT(group_keys(report.groups[1]), ElementsAre("y", "z"));
  EXPECT_NEAR(report.groups[0][0].score, std::cos(5 * std::acos(-1.0) / 180), 1e-6);
  EXPECT_EQ(report.groups[0][0].nearest, "b");
  EXPECT_EQ(report.groups[1][0].nearest, "z");
  EXPECT_EQ(report.groups[1][0].file, "y.png");
}

TEST_F(Duplicates, OfThresholdOneAreEqualVectors) {
  for (uint64_t n = 0; n < 40; ++n) {
    const auto vector = random_vector(2, n);
    index_->add(std::vector{item_of("one" + std::to_string(n), vector),
                            item_of("two" + std::to_string(n), vector)});
  }
  EXPECT_GE(find_duplicates(*index_, {1.0, 1}).pairs, 40);
}

TEST_F(Duplicates, AreNoneInAnEmptyIndex) {
  EXPECT_EQ(find_duplicates(*index_, {}).items, 0);
  index_->add(std::vector{item_of("a", at_degrees(0))});
  EXPECT_TRUE(find_duplicates(*index_, {}).groups.empty());
}

TEST_F(Duplicates, RefuseAThresholdThatIsNoCosine) {
  EXPECT_THAT(error_of([&] { find_duplicates(*index_, {1.5}); }),
              HasSubstr("usage: threshold is 1.5"));
  EXPECT_THAT(error_of([&] { find_duplicates(*index_, {std::nan("")}); }), HasSubstr("usage: "));
}

// More items than a tile holds, each beside its twin far away in the order of keys.
TEST_F(Duplicates, AreFoundAcrossTiles) {
  const auto index = create_index(scratch_ / "big.index", kTestOrigin, 32);
  std::vector<IndexItem> items;
  for (uint64_t n = 0; n < 1500; ++n) {
    const auto vector = random_vector(32, n);
    items.push_back(item_of("a" + std::to_string(n), vector));
    items.push_back(item_of("b" + std::to_string(n), vector));
  }
  index->add(items);
  const auto report = find_duplicates(*index, {0.999, 2});
  EXPECT_EQ(report.pairs, 1500);
  ASSERT_EQ(report.groups.size(), 1500u);
  for (const auto& group : report.groups) {
    ASSERT_EQ(group.size(), 2u);
    EXPECT_EQ(group[0].key.substr(1), group[1].key.substr(1));
  }
}

}  // namespace
}  // namespace braid
