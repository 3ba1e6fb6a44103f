#include "braid/data/field_dropout.h"

#include <gtest/gtest.h>

#include <array>

namespace braid {
namespace {

// Laws over many draws: what is hidden is there, and a pair that was there stays.
TEST(FieldDropout, NeverTakesTheLastPair) {
  const FieldDropoutConfig config{0.9, {{0, 1}, {0, 2}}};  // 0 is an anchor
  std::array<int, 3> hidden{};
  for (int64_t sample = 0; sample < 500; ++sample) {
    Rng rng(1, 0, sample, "test");
    const auto dropped = dropped_fields({true, true, true}, config, rng);
    EXPECT_FALSE(dropped[0]);  // without the anchor there is no pair
    EXPECT_FALSE(dropped[1] && dropped[2]);
    for (size_t field = 0; field < 3; ++field) hidden[field] += dropped[field];
  }
  EXPECT_NEAR(hidden[1] / 500.0, 0.495, 0.1);  // 0.09 alone, half of 0.81: four deviations
  EXPECT_NEAR(hidden[2] / 500.0, 0.495, 0.1);
}

TEST(FieldDropout, ASampleOfOnePairOrNoneKeepsAll) {
  const FieldDropoutConfig config{0.99, {{0, 1}, {1, 2}}};
  for (const std::vector<bool>& there :
       {std::vector<bool>{true, true, false}, {true, false, true}, {false, false, false}}) {
    for (int64_t sample = 0; sample < 50; ++sample) {
      Rng rng(2, 0, sample, "test");
      EXPECT_EQ(dropped_fields(there, config, rng), std::vector<bool>(3, false));
    }
  }
}

TEST(FieldDropout, HidesByItsRate) {
  const FieldDropoutConfig config{0.1, {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}}};
  int hidden = 0;
  for (int64_t sample = 0; sample < 2000; ++sample) {
    Rng rng(3, 0, sample, "test");
    for (const bool one : dropped_fields(std::vector<bool>(4, true), config, rng)) hidden += one;
  }
  EXPECT_NEAR(hidden / 8000.0, 0.1, 0.0135);  // four deviations; three of four drawn: 1 in 270
}

}  // namespace
}  // namespace braid
