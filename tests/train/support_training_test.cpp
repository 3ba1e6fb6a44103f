// A field with a support set: filled for use, empty while the weights move.
#include <gtest/gtest.h>

#include <string>

#include "braid/task/embed.h"
#include "trainer_fixture.h"

namespace braid::test {
namespace {

class SupportTraining : public TrainerTest {
 protected:
  void open_supported(const std::string& train) {
    open(train);
    world_->recipe.fields[0].second.support = SupportSetConfig{.of = "b"};
  }

  int64_t kept(const fs::path& file, const std::string& prefix = "") const {
    const auto state = read_safetensors(file);
    const auto* keys = state.find(prefix + "a.support.keys");
    return keys ? keys->shape()[0] : -1;
  }

  static fs::path newest_checkpoint(const fs::path& run) {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(run / "state")) {
      if (entry.path().filename().string().starts_with("step-") && entry.path() > newest)
        newest = entry.path();
    }
    return newest;
  }
};

TEST_F(SupportTraining, TheRunHoldsItAndCheckpointsDoNot) {
  for (const char* choose : {"best", "last"}) {
    open_supported(std::string("epochs: 3, choose: ") + choose);
    int64_t empty = 0, steps = 0;
    sit(choose, {[&](int64_t, Model& model) {
                   ++steps;
                   empty += model.support(0)->size() == 0;
                 },
                 [](int64_t n) { return n == 2 ? 1.0 : 0.0; }});
    EXPECT_EQ(steps, 12);
    EXPECT_EQ(empty, 12);  // what is embedded between steps, as for mining, is of the towers
    EXPECT_EQ(kept(folder_ / choose / "model.safetensors"), 64) << choose;
    EXPECT_EQ(kept(newest_checkpoint(folder_ / choose) / "model.safetensors", "model."), 0);
  }
}

// Averaged weights are swapped in for use, and the set is filled with them.
TEST_F(SupportTraining, KilledAndResumedItEndsWithTheSameBytes) {
  open_supported("epochs: 4, checkpoint_steps: 3, ema: 0.9");
  expect_equal_bytes_after_kills({2, 5, 6});
  EXPECT_EQ(kept(folder_ / "parts/model.safetensors"), 64);
}

}  // namespace
}  // namespace braid::test
