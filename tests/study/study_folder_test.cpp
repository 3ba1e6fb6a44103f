#include "braid/study/study_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/core/file.h"
#include "braid/study/study_lock.h"
#include "tests/study/small_plan.h"

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StudyFolderTest : public study_test::WithPlan {};

TEST_F(StudyFolderTest, CellsGoSeedBySeed) {
  std::vector<std::string> order;
  for (const auto& cell : cells_of(plan({0, 1})))
    order.push_back(std::to_string(cell.variant) + std::to_string(cell.seed));
  EXPECT_THAT(order, ElementsAre("00", "10", "20", "01", "11", "21"));
}

// Whatever a kill leaves: no run, a run under way, one without its evaluations, a whole one.
TEST_F(StudyFolderTest, ReadsFromTheRunHowFarACellIs) {
  const StudyFolder folder(scratch_ / "study");
  const auto all = folder.settle(plan({0}));
  const auto run = folder.run("mean", 0);
  const auto state = [&] { return folder.state(all, {0, 0}); };
  EXPECT_EQ(state(), CellState::kMissing);
  make_folder(run / "state");
  EXPECT_EQ(state(), CellState::kMissing);
  put(run / "run.json", R"({"finished": false})");
  EXPECT_EQ(state(), CellState::kBegun);
  put(run / "run.json", R"({"finished": true})");
  put(run / "training.json", "{}");
  EXPECT_EQ(state(), CellState::kBegun) << "its record of the validation split is not written";
  put(run / "evaluations/val.json", "{}");
  EXPECT_EQ(state(), CellState::kBegun);
  put(run / "predictions-val.safetensors", "");
  EXPECT_EQ(state(), CellState::kTrained);
  put(run / "evaluations/test.json", "{}");
  EXPECT_EQ(state(), CellState::kTrained);
  put(run / "predictions-test.safetensors", "");
  EXPECT_EQ(state(), CellState::kDone);
}

TEST_F(StudyFolderTest, KeepsItsThreadsAndTakesFurtherSeeds) {
  const StudyFolder folder(scratch_ / "study");
  auto first = plan({0, 1});
  first.threads = 3;
  folder.settle(first);
  EXPECT_EQ(folder.settle(plan({0, 1, 2})).threads, 3);
  EXPECT_THAT(error_of([&] { folder.settle(plan({0, 1})); }),
              HasSubstr("it has seeds 0, 1, 2, this one only 0, 1"));
}

TEST_F(StudyFolderTest, NamesWhatAnotherStudyDiffersIn) {
  const StudyFolder folder(scratch_ / "study");
  folder.settle(plan({0}));
  EXPECT_THAT(error_of([&] { folder.settle(plan({0}, {"fusion.kind=mean,sum"})); }),
              HasSubstr("state: " + folder.path().string() +
                        ": holds another study: it has gated, which this one lacks; it lacks sum"));
  EXPECT_THAT(error_of([&] { folder.settle(plan({0}, {study_test::kKinds}, {"train.epochs=9"})); }),
              HasSubstr("recipe of mean: train.epochs: 3 there, 9 now;"));
  auto other = plan({0});
  other.split = "dev";
  EXPECT_THAT(error_of([&] { folder.settle(other); }),
              HasSubstr("it reports split 'test', this one 'dev'"));
}

TEST_F(StudyFolderTest, RecipesFindTheirDataFromWhereTheyAre) {
  const StudyFolder folder(scratch_ / "study");
  folder.settle(plan({0}));
  EXPECT_EQ(load_recipe(folder.recipe("mean")).data.manifest[0], "../../rows.jsonl");
}

TEST_F(StudyFolderTest, IsLockedAgainstASecondCompare) {
  const Watch watch;
  {
    const StudyLock lock(scratch_ / "study", watch);
    EXPECT_THAT(error_of([&] { StudyLock(scratch_ / "study", watch); }),
                HasSubstr("another process is comparing there"));
  }
  EXPECT_EQ(error_of([&] { StudyLock(scratch_ / "study", watch); }), "no error");
  put(scratch_ / "else/file", "x");
  EXPECT_THAT(error_of([&] { StudyLock(scratch_ / "else", watch); }),
              HasSubstr("is no study and not empty; choose another -o"));
}

}  // namespace
}  // namespace braid
