#include "braid/task/sample_flops.h"

#include <gtest/gtest.h>

#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

constexpr const char* kStacked =
    "interaction: [{kind: resampler, tokens: 2, depth: 1, reads: own}, {kind: co_attention}]\n"
    "fusion: mean\ntasks: {colour: {kind: classification, target: colour}}\n";

// One more token of 16 is projected (2 * 16 * 16), becomes a key and a value (twice that) and meets
// two queries (4 * 16 each). What stands behind the resampler sees its two tokens all the same.
TEST(SampleFlops, CountTokensUntilALayerMakesItsOwn) {
  const Scratch folder;
  const test::TinyWorld world(folder.path(), kStacked, test::labelled_manifest());
  const auto model = world.model();
  EXPECT_EQ(model->joint_flops({3, 5}) - model->joint_flops({2, 5}), 512 + 2 * 512 + 2 * 64);
  // None made: the vector is the one token, which no one projects.
  EXPECT_EQ(model->joint_flops({1, 5}) - model->joint_flops({0, 5}), 512);
}

// Bags of tokens: no operation but the projection into the space (2 * 16 * 16 each), no tokens.
TEST(SampleFlops, AreThoseOfFieldsAndOfWhatIsBehindThem) {
  const Scratch folder;
  const test::TinyWorld world(folder.path(), kStacked, test::labelled_manifest());
  const auto model = world.model();
  EXPECT_EQ(sample_flops(*model, *world.data, world.pointers(), world.data->rows(""), {}),
            2 * 512 + model->joint_flops({0, 0}));
}

}  // namespace
}  // namespace braid
