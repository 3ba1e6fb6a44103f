// Every fusion in a whole model: towers, fusion, head, one loss.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "braid/task/joint_loss.h"
#include "braid/train/adamw.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;

constexpr const char* kEveryFusion[] = {
#define BRAID_FUSION(name, config, what) #name,
#include "braid/fusion/all.def"
#undef BRAID_FUSION
};

std::string recipe_with_tokens(const std::string& more) {
  const std::string tower =
      "modality: {kind: text, max_tokens: 16, tokenizer: {vocabulary: 300}, views: {delete: 0, "
      "swap: 0, insert: 0, mask: 0}}, encoder: {kind: text_transformer, width: 16, heads: 2, "
      "depth: 1, mlp_ratio: 2, dropout: 0}}\n";
  return "data: {manifest: all.jsonl}\nspace: {width: 16}\nfields:\n  a: {from: en, " + tower +
         "  b: {from: de, " + tower + more;
}

class EveryFusion : public testing::TestWithParam<const char*> {
 protected:
  Batch every_row(const TinyWorld& world) {
    LoaderConfig config;
    config.batch = world.data->size();
    config.shuffle = false;
    config.workers = 0;
    config.two_views = {false, false};
    config.every_source = {false, false};
    rows_ = world.data->rows("");
    const auto loader = make_loader(*world.data, rows_, world.pointers(), config);
    loader->start(0, 0);
    return std::move(*loader->next());
  }

  std::vector<int64_t> rows_;
};

// Fusions of tokens leave alone what makes a field's own vector: alignment trains that.
TEST_P(EveryFusion, LearnsAndByEveryWeightThatItReads) {
  const Scratch folder;
  const TinyWorld world(folder.path(),
                        std::string("fusion: {kind: ") + GetParam() +
                            "}\ntasks: {colour: {kind: classification, target: colour}}\n",
                        test::labelled_manifest(), recipe_with_tokens);
  const auto model = world.model();
  JointLoss loss(world.recipe, world.pointers(), world.targets());
  Adamw optimizer(model->named_parameters(), world.recipe.train);
  const auto batch = every_row(world);
  double first = 0, last = 0;
  for (int step = 0; step < 16; ++step) {
    const auto value = loss.forward(*model, batch);
    value.total.backward();
    last = value.total.item<double>();
    if (step > 0) {
      optimizer.step(0.01, 1);
      optimizer.zero_gradients();
      continue;
    }
    first = last;
    for (const auto& [name, tensor] : model->named_parameters()) {
      const bool own_vector = name.find(".projection.") != std::string::npos;
      EXPECT_EQ(tensor.grad().defined(), !(own_vector && model->joint()->reads_tokens())) << name;
    }
  }
  EXPECT_LT(last, 0.5 * first);
}

INSTANTIATE_TEST_SUITE_P(AllDef, EveryFusion, testing::ValuesIn(kEveryFusion),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace braid
