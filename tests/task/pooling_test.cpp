// A field with `pooling` from batch to vectors: training, embedding, evaluation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "braid/block/unit_rows.h"
#include "braid/data/loader.h"
#include "braid/task/embed.h"
#include "braid/task/field_vectors.h"
#include "braid/task/joint_loss.h"
#include "braid/task/tensor.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// Float32; batches of other values beside them change the order of sums.
constexpr double kRounding = 1e-5;

using Texts = std::vector<std::string>;

std::vector<Value> values_of(const Texts& texts) {
  std::vector<Value> values;
  for (const auto& text : texts) values.push_back({text, {}, {}});
  return values;
}

const Texts kSeven = {"red house", "blue tree", "red bird", "grey moon",
                      "pink boat", "a stone",   "white horse"};

class PoolingTest : public testing::Test {
 protected:
  // Field `a` has as many values as the row says, in column `en`, and pools them.
  void open(const std::string& terms, const std::string& train = "",
            const std::string& manifest = rows()) {
    world_ = std::make_unique<TinyWorld>(
        folder_.path(), "alignment:\n" + terms + "train: {batch: 8" + train + "}\n", manifest);
    world_->recipe.fields[0].second.pooling = ValuePoolingConfig{.hidden = 8};
  }

  static std::string rows() {
    const char* things[] = {"house", "tree", "bird", "stone", "boat", "horse", "moon", "fish"};
    std::string rows;
    for (int i = 0; i < 8; ++i) {
      rows += "{\"en\": [\"the " + std::string(things[i]) + "\"";
      for (int k = 0; k < i; ++k) rows += ", \"red " + std::string(things[k]) + "\"";
      rows += std::string("], \"de\": \"") + things[i] + " eins\", \"fr\": \"" + things[i] +
              " deux\"}\n";
    }
    return rows;
  }

  // Each sample's texts through field `a`: unit vectors, a row each.
  at::Tensor embed(Model& model, const std::vector<Texts>& samples, int64_t batch = 128) const {
    std::vector<std::vector<Value>> all;
    for (const auto& texts : samples) all.push_back(values_of(texts));
    return to_tensor(
        embed_samples(model, 0, *world_->modalities[0], all, {.batch = batch}).vectors);
  }

  LoaderConfig loading(const JointLoss& loss) const {
    LoaderConfig config{.batch = 8, .workers = 0, .seed = 5};
    config.two_views = loss.two_views();
    for (const auto& [name, field] : world_->recipe.fields) config.pooling.push_back(field.pooling);
    return config;
  }

  std::unique_ptr<Batch> batch(const LoaderConfig& config) const {
    const auto loader =
        make_loader(*world_->data, world_->data->rows(""), world_->pointers(), config);
    loader->start(0, 0);
    return loader->next();
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
};

constexpr const char* kPooledPair = "  - {between: [a, b]}\n";

TEST_F(PoolingTest, ALoneValueHasTheVectorThatItHasWithoutPooling) {
  open(kPooledPair);
  std::vector<Texts> samples;
  for (const auto& text : kSeven) samples.push_back({text});
  const auto pooled = embed(*world_->model(), samples);
  world_->recipe.fields[0].second.pooling.reset();
  const auto plain = world_->model();  // of the first field, the same weights from the same seed
  ASSERT_EQ(plain->pooling(0), nullptr);
  EXPECT_TRUE(at::equal(
      pooled,
      to_tensor(embed_values(*plain, 0, *world_->modalities[0], values_of(kSeven), {}).vectors)));
}

TEST_F(PoolingTest, SamplesOfOneAndSevenValuesAreThoseOfEachByItself) {
  open(kPooledPair);
  const auto model = world_->model();
  const auto both = embed(*model, {{"red house"}, kSeven});
  EXPECT_TRUE(at::allclose(both[0], embed(*model, {{"red house"}})[0], 0, kRounding));
  EXPECT_TRUE(at::allclose(both[1], embed(*model, {kSeven})[0], 0, kRounding));
  // However the encoder takes them: one by one, three at once.
  for (const int64_t at_once : {1, 3})
    EXPECT_TRUE(at::allclose(both, embed(*model, {{"red house"}, kSeven}, at_once), 0, kRounding));
  const Texts turned(kSeven.rbegin(), kSeven.rend());
  EXPECT_TRUE(at::allclose(both[1], embed(*model, {turned})[0], 0, kRounding));
  EXPECT_GT((both[1] - both[0]).norm().item<double>(), 0.05);  // the others do count
}

TEST_F(PoolingTest, WhatCannotBeReadIsNamedAndTheOthersStand) {
  open(kPooledPair);
  const auto model = world_->model();
  const Value lost{"lost.txt", "/nonexistent/lost.txt", {}};
  auto some = values_of({"red house", "blue tree"});
  some.insert(some.begin() + 1, lost);
  const auto embedded = embed_samples(*model, 0, *world_->modalities[0],
                                      {some, {lost}, values_of({"grey moon"}), {}}, {});
  EXPECT_THAT(embedded.kept, ElementsAre(0, 2));
  EXPECT_EQ(embedded.values, 3);
  ASSERT_THAT(embedded.bad, SizeIs(2));
  EXPECT_EQ(embedded.bad[0].row, 0);
  EXPECT_EQ(embedded.bad[1].row, 1);
  EXPECT_EQ(embedded.bad[0].where, "lost.txt");
  EXPECT_THAT(embedded.bad[0].message, HasSubstr("lost.txt"));
  const auto want = embed(*model, {{"red house", "blue tree"}, {"grey moon"}});
  EXPECT_TRUE(at::allclose(to_tensor(embedded.vectors), want, 0, kRounding));
  ASSERT_THAT(embedded.weights, ElementsAre(SizeIs(2), ElementsAre(1.0f)));
  EXPECT_NEAR(embedded.weights[0][0] + embedded.weights[0][1], 1, 1e-6);
}

TEST_F(PoolingTest, AMaximumTakesTheFirstAndSaysSo) {
  open(kPooledPair);
  world_->recipe.fields[0].second.pooling->max = 2;
  const auto model = world_->model();
  const auto embedded = embed_samples(*model, 0, *world_->modalities[0],
                                      {values_of(kSeven), values_of({"red house"})}, {});
  EXPECT_EQ(embedded.cut, 1);
  EXPECT_TRUE(at::allclose(to_tensor(embedded.vectors)[0],
                           embed(*model, {{kSeven[0], kSeven[1]}})[0], 0, kRounding));
  std::string note;
  tell_cut(*model, 0, "a", embedded.cut, [&](const Progress& now) { note = now.note; });
  EXPECT_THAT(note, AllOf(HasSubstr("a: 1 samples"), HasSubstr("pooling.max = 2")));
}

TEST_F(PoolingTest, AFieldWithoutItTakesOneValueASample) {
  open(kPooledPair);
  const auto model = world_->model();
  EXPECT_THAT(error_of([&] {
                embed_samples(*model, 1, *world_->modalities[1], {values_of(kSeven)}, {});
              }),
              HasSubstr("internal: "));
}

TEST_F(PoolingTest, EvaluationHasOneVectorARow) {
  open(kPooledPair);
  const auto model = world_->model();
  std::vector<BadSample> bad;
  const auto side =
      embed_rows(*model, *world_->data, 0, 0, *world_->modalities[0], {0, 2, 5}, {}, &bad);
  EXPECT_THAT(side.rows, ElementsAre(0, 2, 5));
  EXPECT_EQ(side.per_item, 1);
  EXPECT_EQ(side.values, 1 + 3 + 6);
  EXPECT_EQ(side.texts[1], "the bird, red house, red tree");
  const auto want = embed(*model, {{"the bird", "red house", "red tree"}});
  EXPECT_TRUE(at::allclose(to_tensor(side.vectors)[1], want[0], 0, kRounding));
}

// What the loss compares is what embedding gives: the same values, the same pooling.
TEST_F(PoolingTest, TrainingComparesTheVectorsThatEmbeddingGives) {
  open(kPooledPair);
  const auto model = world_->model();
  model->eval();
  JointLoss loss(world_->recipe, world_->pointers());
  auto config = loading(loss);
  config.augment = false;
  const auto one = batch(config);
  const auto slots = embed_field({model.get(), nullptr, 0, 0, 0, false}, one->fields[0]).slots;
  ASSERT_THAT(slots, SizeIs(1));
  std::vector<BadSample> bad;
  auto rows = one->rows;
  const auto side = embed_rows(*model, *world_->data, 0, 0, *world_->modalities[0],
                               world_->data->rows(""), {}, &bad);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(at::allclose(unit_rows(slots[0].vectors[static_cast<int64_t>(i)]),
                             to_tensor(side.vectors)[rows[i]], 0, kRounding))
        << rows[i];
  }
}

struct Outcome {
  double loss;
  std::vector<at::Tensor> gradients;
};

// In double, so that only the order of sums differs.
TEST_F(PoolingTest, ChunksGiveTheGradientsOfTheWholeBatch) {
  for (const std::string term :
       {"loss: {kind: info_nce}", "loss: {kind: momentum_queue, length: 12}"}) {
    std::vector<Outcome> outcomes;
    for (const char* chunk : {"0", "1", "5", "31"}) {
      open("  - {between: [a, b], " + term + "}\n  - {views: a, weight: 0.5}\n",
           std::string(", chunk: ") + chunk);
      const auto model = world_->model();
      JointLoss loss(world_->recipe, world_->pointers());
      model->to(at::kDouble);
      loss.to(at::kDouble);
      loss.begin(*model);
      at::manual_seed(3);
      const auto value = loss.forward(*model, *batch(loading(loss)));
      value.total.backward();
      outcomes.push_back({value.total.item<double>(), {}});
      for (const auto& [name, parameter] : model->named_parameters()) {
        ASSERT_TRUE(parameter.grad().defined()) << name;
        EXPECT_GT(parameter.grad().norm().item<double>(), 0) << name;
        outcomes.back().gradients.push_back(parameter.grad());
      }
      EXPECT_NEAR(outcomes.back().loss, outcomes[0].loss, 1e-9) << chunk;
      for (size_t i = 0; i < outcomes[0].gradients.size(); ++i) {
        const auto &got = outcomes.back().gradients[i], &want = outcomes[0].gradients[i];
        EXPECT_TRUE(at::allclose(got, want, 1e-7, 1e-9)) << i << ", chunk " << chunk;
      }
    }
  }
}

TEST_F(PoolingTest, ABatchWhereNoSampleHasAValueTrainsTheOthers) {
  std::string none;
  for (int i = 0; i < 8; ++i) {
    const auto number = std::to_string(i);
    none += "{\"en\": [], \"de\": \"eins " + number + "\", \"fr\": \"deux " + number + "\"}\n";
  }
  open(std::string(kPooledPair) + "  - {between: [b, b]}\n", "", none);
  const auto model = world_->model();
  JointLoss loss(world_->recipe, world_->pointers());
  const auto value = loss.forward(*model, *batch(loading(loss)));
  EXPECT_TRUE(std::isnan(value.terms[0].loss));
  EXPECT_TRUE(std::isfinite(value.terms[1].loss));
}

}  // namespace
}  // namespace braid::test
