#include "braid/study/room.h"

#include <gtest/gtest.h>

namespace braid {
namespace {

TEST(Room, OneCellAlwaysRuns) { EXPECT_TRUE(has_room({1, 9999, {}, true})); }

TEST(Room, TheSecondWaitsUntilTheFirstHasShownWhatItTakes) {
  EXPECT_FALSE(has_room({100000, 0, {50}, false}));
  EXPECT_TRUE(has_room({100000, 0, {50}, true}));
}

// Each may take 1.25 x 400 = 500. Of two that run, one holds 300 and may take 200 more, the other
// holds all it takes: a third needs 500 + 200.
TEST(Room, LeavesWhatTheOthersMayStillTake) {
  EXPECT_TRUE(has_room({700, 400, {300, 500}, true}));
  EXPECT_FALSE(has_room({699, 400, {300, 500}, true}));
}

TEST(Room, TheMachineHasSome) { EXPECT_GT(available_memory_mb(), 0); }

}  // namespace
}  // namespace braid
