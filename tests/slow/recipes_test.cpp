// Recipes on a slice of their data: each trains some steps and is evaluated on its test split;
// skipped where $BRAID_DATA is absent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "small_emoji.h"

namespace braid::test {
namespace {

struct RecipeSlice {
  const char* name;
  const char* data;  // folder of the shared data that it reads
  const char* overrides;
  std::set<std::string> directions;  // of the test split
};

void PrintTo(const RecipeSlice& slice, std::ostream* out) { *out << slice.name; }

class RecipeOnASlice : public SlowTest, public testing::WithParamInterface<RecipeSlice> {};

TEST_P(RecipeOnASlice, TrainsAndIsEvaluatedAgainstChance) {
  const auto& slice = GetParam();
  const char* set = std::getenv("BRAID_DATA");
  const fs::path data = set ? set : BRAID_SOURCE_DIR "/../shared/data";
  if (!fs::exists(data / slice.data)) GTEST_SKIP() << "no " << slice.data;
  const auto run_at = quoted(folder_ / "run");
  const auto program =
      "BRAID_DATA=" + quoted(fs::canonical(data)) + " " + quoted(BRAID_PROGRAM) + " ";
  const auto trained =
      run(program + "train -q " + quoted(BRAID_SOURCE_DIR "/recipes/" + std::string(slice.name)) +
          ".yaml -o " + run_at + " train.steps=6 train.batch=16 " + slice.overrides);
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto evaluated = run(program + "eval -q --json --split test " + run_at + " 2>/dev/null");
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  const auto record = Json::parse(evaluated.output);
  std::set<std::string> directions;
  for (const auto& metric : record["metrics"]) {
    directions.insert(metric["direction"]);
    if (metric["name"] != "median_rank" && metric["name"] != "mrr") {
      EXPECT_FALSE(metric["chance"].is_null()) << metric.dump();
    }
  }
  EXPECT_EQ(directions, slice.directions);
}

INSTANTIATE_TEST_SUITE_P(
    Recipes, RecipeOnASlice,
    testing::Values(RecipeSlice{"sim_drive",
                                "driving",
                                "",
                                {"center->left", "left->center", "center->right", "right->center",
                                 "center->motion", "motion->center", "left->right", "right->left",
                                 "left->motion", "motion->left", "right->motion", "motion->right"}},
                    RecipeSlice{"esc10", "esc10", "", {"audio->label"}},
                    RecipeSlice{"av_digits",
                                "av_digits",
                                "",
                                {"speech->digit", "speech->picture", "picture->speech"}}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace braid::test
