// The losses of tasks over a batch, and what of it they see.
#include "braid/task/task_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "braid/task/joint_part.h"
#include "braid/task/tensor.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;

constexpr double kLossTolerance = 1e-5;  // padding and order of sums differ from the oracle's
constexpr const char* kColour = "tasks: {colour: {kind: classification, target: colour}}\n";
constexpr const char* kMean = "fusion: mean\n";

class TaskLossTest : public testing::Test {
 protected:
  void open(const std::string& more) {
    world_ = std::make_unique<TinyWorld>(folder_.path(), more, test::labelled_manifest());
    model_ = world_->model();
    loss_ = std::make_unique<JointLoss>(world_->recipe, world_->pointers(), world_->targets());
  }

  // Rows of the data set as the loader gives them; -1 among `hidden` [field]: that row is missing.
  Batch batch(const std::vector<int64_t>& rows, const std::vector<std::vector<int64_t>>& hidden) {
    LoaderConfig config;
    config.batch = static_cast<int64_t>(rows.size());
    config.shuffle = false;
    config.workers = 0;
    config.two_views = loss_->two_views();
    config.every_source = loss_->every_source();
    const auto loader = make_loader(*world_->data, rows, world_->pointers(), config);
    loader->start(0, 0);
    auto made = std::move(*loader->next());
    for (size_t field = 0; field < hidden.size(); ++field) {
      for (auto& slot : made.fields[field].slots) {
        for (const int64_t row : hidden[field]) slot.present[static_cast<size_t>(row)] = 0;
      }
    }
    return made;
  }

  at::Tensor vector(size_t field, int64_t row) {
    const auto value = world_->data->values(row, field, 0).at(0);
    const auto& modality = *world_->modalities[field];
    const auto sample = modality.view(modality.prepare(as_bytes(value.text)));
    const auto one = modality.collate(std::vector<const Sample*>{&sample});
    return model_->embed(field, to_tensor(one.values), to_tensor(one.mask))[0];  // [D]
  }

  double nll(const std::vector<at::Tensor>& fused, const std::vector<double>& labels) {
    const auto z = model_->answer(0, at::stack(fused));
    return model_->joint()
        ->head(0)
        .loss(z, at::tensor(labels, at::kDouble).view({-1, 1}))
        .loss.item<double>();
  }
  double label(int64_t row) { return world_->targets()[0].of_row(row)[0]; }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<JointLoss> loss_;
};

TEST_F(TaskLossTest, JoinsTheFieldsThatASampleHas) {
  open(std::string(kMean) + kColour);
  model_->eval();
  const auto value = loss_->forward(*model_, batch({0, 9, 20}, {{1}, {2}}));
  ASSERT_EQ(value.terms.size(), 1u);
  EXPECT_EQ(value.terms[0].name, "task:colour");
  const double want = nll({(vector(0, 0) + vector(1, 0)) / 2, vector(1, 9), vector(0, 20)},
                          {label(0), label(9), label(20)});
  EXPECT_NEAR(value.terms[0].loss, want, kLossTolerance);
  EXPECT_NEAR(value.total.item<double>(), want, kLossTolerance);
}

TEST_F(TaskLossTest, ASampleWithNothingOrWithoutATargetHasNoPart) {
  open(std::string(kMean) + "tasks: {half: {kind: regression, target: half, weight: 3}}\n");
  model_->eval();
  // Rows 1 and 3 have no target, row 4 no field.
  const auto all = loss_->forward(*model_, batch({0, 1, 2, 3, 4}, {{4}, {4}}));
  const auto some = loss_->forward(*model_, batch({0, 2}, {}));
  EXPECT_NEAR(all.terms[0].loss, some.terms[0].loss, kLossTolerance);
  EXPECT_NEAR(all.total.item<double>(), 3 * some.terms[0].loss, 3 * kLossTolerance);
  EXPECT_TRUE(std::isnan(all.terms[0].accuracy));
  EXPECT_FALSE(loss_->forward(*model_, batch({1, 3}, {})).total.defined());
}

TEST_F(TaskLossTest, AFieldWhollyAbsentLeavesItsTowerWithoutAGradient) {
  open(std::string(kMean) + kColour);
  const auto value = loss_->forward(*model_, batch({0, 9, 20}, {{}, {0, 1, 2}}));
  value.total.backward();
  for (const auto& [name, tensor] : model_->named_parameters())
    EXPECT_EQ(tensor.grad().defined(), !name.starts_with("b.")) << name;
}

TEST_F(TaskLossTest, TermsAndTasksAddUpByTheirWeights) {
  open(std::string(kMean) +
       "tasks: {colour: {kind: classification, target: colour, weight: 0.5}, letters: {kind: "
       "regression, target: letters}}\nalignment:\n  - {between: [a, b], weight: 2}\n");
  model_->eval();
  const auto value = loss_->forward(*model_, batch({0, 9, 20, 33}, {}));
  ASSERT_EQ(value.terms.size(), 3u);
  EXPECT_EQ(value.terms[2].name, "task:letters");
  EXPECT_NEAR(value.total.item<double>(),
              2 * value.terms[0].loss + 0.5 * value.terms[1].loss + value.terms[2].loss,
              kLossTolerance);
}

TEST_F(TaskLossTest, OneFieldNeedsNoFusion) {
  write_atomic(folder_ / "all.jsonl", std::string_view(test::labelled_manifest()));
  const auto recipe = parse_recipe(
      ConfigNode::parse("data: {manifest: all.jsonl}\nspace: {width: 8}\nfields: {a: {from: en, "
                        "modality: {kind: text, max_tokens: 16, tokenizer: {vocabulary: 300}}, "
                        "encoder: {kind: bag_of_tokens, width: 16}}}\n" +
                            std::string(kColour),
                        "r.yaml"),
      folder_.path());
  EXPECT_TRUE(recipe.fusion.is_null());
  EXPECT_EQ(recipe.train.modality_dropout, 0);
  const auto data = open_dataset(recipe.data, recipe.sources(), folder_.path());
  auto modality = make_modality("text", recipe.fields[0].second.modality);
  modality->fit([&](const ValueVisitor& visit) {
    for (int64_t row = 0; row < data->size(); ++row) visit(as_bytes(data->column(row, "en")[0]));
  });
  const auto facts = learn_targets(recipe, *data, data->rows(""));
  const Model model(recipe, {modality.get()}, facts);
  EXPECT_EQ(model.joint()->width(), 8);
}

TEST_F(TaskLossTest, DrawsOneSourceOfAFieldThatNoTermCompares) {
  open(std::string(kMean) + kColour);
  EXPECT_EQ(loss_->every_source(), (std::vector<bool>{false, false}));
  EXPECT_EQ(batch({0, 1}, {}).fields[1].slots.size(), 1u);
  EXPECT_EQ(loss_->pairs(), (std::vector<std::pair<size_t, size_t>>{{0, 0}, {1, 1}}));
}

TEST_F(TaskLossTest, DrawsASourceBySeedAndEpochWhereATermComparesAll) {
  open(std::string(kMean) + kColour + "alignment:\n  - {between: [a, b]}\n");
  EXPECT_EQ(loss_->every_source(), (std::vector<bool>{true, true}));
  auto made = batch({0, 1, 2, 3, 4, 5, 6, 7}, {});
  ASSERT_EQ(made.fields[1].slots.size(), 2u);
  const auto embedded = embed_field({model_.get(), nullptr, 1, 0, 0, false, false}, made.fields[1]);
  const std::vector<int64_t> rows = {0, 1, 2, 3, 4, 5, 6, 7};
  const auto places = places_of_rows(embedded, made, rows, 7);
  int64_t second = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(places[i] % 8, static_cast<int64_t>(i));  // of either language, its own sample
    second += places[i] >= 8;
  }
  EXPECT_GT(second, 0);
  EXPECT_LT(second, 8);
  EXPECT_EQ(places, places_of_rows(embedded, made, rows, 7));
  made.epoch = 1;
  EXPECT_NE(places, places_of_rows(embedded, made, rows, 7));
}

TEST(JointPart, AbsentRowsAreZerosWithoutATokenOrAGradient) {
  auto vectors = at::tensor({1.0f, 2.0f, 3.0f, 4.0f}).view({2, 2}).set_requires_grad(true);
  const auto tokens = at::arange(12, at::kFloat).view({2, 3, 2});
  const auto part =
      joint_part(vectors, {tokens, Segments::uniform(2, 3)}, {1, kAbsent, 1}, 2, at::kCPU);
  EXPECT_TRUE(part.pooled.equal(at::tensor({3.0f, 4.0f, 0.0f, 0.0f, 3.0f, 4.0f}).view({3, 2})));
  EXPECT_TRUE(part.present.equal(at::tensor({1, 0, 1}).to(at::kBool)));
  EXPECT_EQ(part.tokens.segments.offsets(), (std::vector<int64_t>{0, 3, 3, 6}));
  EXPECT_TRUE(part.tokens.padded()[0].equal(tokens[1]));
  part.pooled.sum().backward();
  EXPECT_TRUE(vectors.grad().equal(at::tensor({0.0f, 0.0f, 2.0f, 2.0f}).view({2, 2})));
}

TEST(JointPart, AFieldOfNobodyIsZeros) {
  const auto part = joint_part({}, {}, {kAbsent, kAbsent}, 3, at::kCPU);
  EXPECT_TRUE(part.pooled.equal(at::zeros({2, 3})));
  EXPECT_FALSE(part.present.any().item<bool>());
}

}  // namespace
}  // namespace braid
