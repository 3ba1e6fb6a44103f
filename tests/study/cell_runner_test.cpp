// Cells run by a stub in place of the program: a shell script that writes what a run would.
#include "braid/study/cell_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "braid/core/text.h"
#include "tests/study/small_plan.h"

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// `train RECIPE -o RUN seed=N`, `train --resume RUN`, `eval RUN`: each leaves a line in `calls`.
constexpr const char* kStub = R"sh(#!/bin/sh
folder=$(dirname "$0")
run=$4; name=new
case "$1 $2" in
  "train --resume") run=$3; name=resume;;
  eval*) run=$2; name=eval;;
esac
echo "$name $(basename $run) $BRAID_THREADS" >> "$folder/calls"
if [ -e "$folder/broken" ] && [ "$(basename $run)" = "$(cat $folder/broken)" ]; then
  echo "braid: loss is not finite" >&2; exit 3
fi
mkdir -p "$run/evaluations"
if [ -e "$folder/slow" ]; then
  trap 'echo stopped >> "$folder/calls"; exit 130' INT TERM
  echo '{"finished": false}' > "$run/run.json"
  touch "$folder/started"
  while [ -e "$folder/slow" ]; do sleep 0.01; done
fi
if [ $name = eval ]; then
  touch "$run/evaluations/test.json" "$run/predictions-test.safetensors"
else
  echo '{"finished": true}' > "$run/run.json"
  echo '{"peak_memory_mb": 5}' > "$run/training.json"
  touch "$run/evaluations/val.json" "$run/predictions-val.safetensors"
fi
)sh";

class CellRunnerTest : public study_test::WithPlan {
 protected:
  void SetUp() override {
    put(program(), kStub);
    std::filesystem::permissions(program(), std::filesystem::perms::owner_all);
  }
  std::filesystem::path program() const { return scratch_ / "stub"; }
  RunnerOptions options() const {
    RunnerOptions options;
    options.program = program();
    options.watch.device = "cpu";
    return options;
  }
  Sitting sit(const StudyPlan& plan, const RunnerOptions& options) const {
    const StudyFolder folder(scratch_ / "study");
    return run_cells(folder, folder.settle(plan), options);
  }
  std::vector<std::string> calls() const {
    std::vector<std::string> lines = split(read_text(scratch_ / "calls"), '\n');
    lines.pop_back();
    return lines;
  }
};

TEST_F(CellRunnerTest, TrainsAndEvaluatesEachCellOnce) {
  auto two = plan({7});
  two.threads = 3;
  const auto sitting = sit(two, options());
  EXPECT_THAT(sitting.failed, IsEmpty());
  EXPECT_THAT(sitting.missing, IsEmpty());
  EXPECT_THAT(calls(), ElementsAre("new mean-s7 3", "eval mean-s7 3", "new gated-s7 3",
                                   "eval gated-s7 3", "new only-said-s7 3", "eval only-said-s7 3"));
  sit(two, options());
  EXPECT_EQ(calls().size(), 6u) << "a second time there is nothing to do";
}

TEST_F(CellRunnerTest, GoesOnWhereACellStands) {
  const StudyFolder folder(scratch_ / "study");
  const auto all = folder.settle(plan({0}));
  put(folder.run("mean", 0) / "run.json", R"({"finished": false})");
  put(folder.run("gated", 0) / "run.json", R"({"finished": true})");
  put(folder.run("gated", 0) / "training.json", "{}");
  put(folder.run("gated", 0) / "evaluations/val.json", "{}");
  put(folder.run("gated", 0) / "predictions-val.safetensors", "");
  run_cells(folder, all, options());
  EXPECT_THAT(calls(), ElementsAre("resume mean-s0 1", "eval mean-s0 1", "eval gated-s0 1",
                                   "new only-said-s0 1", "eval only-said-s0 1"));
}

TEST_F(CellRunnerTest, AFailedCellIsNamedAndTheOthersGoOn) {
  put(scratch_ / "broken", "gated-s0");
  const auto sitting = sit(plan({0}), options());
  ASSERT_EQ(sitting.failed.size(), 1u);
  EXPECT_EQ(sitting.failed[0].cell.variant, 1u);
  EXPECT_EQ(sitting.failed[0].status, 3);
  EXPECT_EQ(sitting.failed[0].message, "loss is not finite");
  EXPECT_THAT(read_text(sitting.failed[0].log), HasSubstr("$ braid train "));
  EXPECT_EQ(calls().size(), 5u);
  std::filesystem::remove(scratch_ / "broken");  // mended: that one alone runs again
  EXPECT_THAT(sit(plan({0}), options()).failed, IsEmpty());
  EXPECT_EQ(calls().size(), 7u);
}

TEST_F(CellRunnerTest, BeginsNothingOnceTheTimeIsUp) {
  auto none = options();
  none.budget_s = 0;
  EXPECT_EQ(sit(plan({0}), none).missing.size(), 3u);
}

TEST_F(CellRunnerTest, RunsAsManyAtOnceAsItIsTold) {
  put(scratch_ / "slow", "");
  auto two = options();
  two.jobs = 2;
  two.ask_memory = false;
  std::thread waker([&] {  // both must have begun before either may end
    for (int i = 0; i < 3000; ++i) {
      std::error_code ignored;
      if (std::filesystem::exists(scratch_ / "calls", ignored) && calls().size() == 2) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::filesystem::remove(scratch_ / "slow");
  });
  sit(plan({0}), two);
  waker.join();
  auto begun = calls();
  begun.resize(2);
  std::sort(begun.begin(), begun.end());
  EXPECT_THAT(begun, ElementsAre("new gated-s0 1", "new mean-s0 1"));
}

TEST_F(CellRunnerTest, AnInterruptStopsTheProcessesAndSaysHowToGoOn) {
  put(scratch_ / "slow", "");
  StopFlag stop;
  auto stopped = options();
  stopped.watch.stop = &stop;
  std::thread user([&] {
    while (!std::filesystem::exists(scratch_ / "started"))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    stop.request();
  });
  EXPECT_THAT(error_of([&] { sit(plan({0}), stopped); }),
              HasSubstr("interrupted: 0 of 3 cells are done, everything is saved"));
  user.join();
  EXPECT_THAT(calls(), ElementsAre("new mean-s0 1", "stopped"));
}

}  // namespace
}  // namespace braid
