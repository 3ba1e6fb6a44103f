// train.chunk: the loss sees the whole batch, the towers a chunk at a time, the gradients are those
// of the batch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "braid/data/loader.h"
#include "braid/task/joint_loss.h"
#include "tests/peak_memory.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kViews = "  - {views: a, weight: 0.5, loss: {kind: nt_xent}}\n";
constexpr const char* kLanguages = "  - {between: [b, b], weight: 0.25}\n";

std::string terms_with(const std::string& loss) {
  return "alignment:\n  - {between: [a, b], " + loss + "}\n" + kViews + kLanguages;
}

class GradCache : public testing::Test {
 protected:
  // Two views of `a` and two languages of `b`: 32 values of either field in a batch of 16.
  void open(const std::string& alignment, int64_t chunk, double dropout = 0) {
    world_ = std::make_unique<TinyWorld>(
        folder_.path(), alignment + "train: {batch: 16, chunk: " + std::to_string(chunk) + "}\n");
    if (dropout == 0) return;
    for (auto& [name, field] : world_->recipe.fields) {
      field.encoder = ConfigNode::parse(
          "{kind: text_transformer, width: 16, heads: 2, depth: 1, mlp_ratio: 2, dropout: " +
              std::to_string(dropout) + "}",
          "tower.yaml");
    }
  }

  std::unique_ptr<Batch> batch(const JointLoss& loss) const {
    LoaderConfig config;
    config.batch = world_->recipe.train.batch;
    config.workers = 0;
    config.seed = 5;
    config.two_views = loss.two_views();
    const auto loader =
        make_loader(*world_->data, world_->data->rows(""), world_->pointers(), config);
    loader->start(0, 0);
    return loader->next();
  }

  struct Outcome {
    double loss;
    std::vector<at::Tensor> gradients;
  };

  // The same weights and random numbers each time, moved by `step` along `direction`.
  Outcome evaluate(const std::vector<at::Tensor>& direction = {}, double step = 0) const {
    const auto model = world_->model();
    JointLoss loss(world_->recipe, world_->pointers());
    model->to(at::kDouble);
    loss.to(at::kDouble);
    loss.begin(*model);
    for (size_t i = 0; i < direction.size(); ++i) {
      const at::NoGradGuard no_grad;
      model->parameters()[i].add_(direction[i], step);
    }
    at::manual_seed(3);
    const auto value = loss.forward(*model, *batch(loss));
    value.total.backward();
    Outcome outcome{value.total.item<double>(), {}};
    for (const auto& parameter : model->parameters()) outcome.gradients.push_back(parameter.grad());
    for (const auto& parameter : loss.parameters()) outcome.gradients.push_back(parameter.grad());
    return outcome;
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
};

class EachLoss : public GradCache, public testing::WithParamInterface<std::string> {};

// Both are computed in double: what differs is the order of sums.
TEST_P(EachLoss, GivesTheGradientsOfTheWholeBatch) {
  open(terms_with(GetParam()), 0);
  const auto whole = evaluate();
  for (const int64_t chunk : {1, 5, 16, 31}) {
    open(terms_with(GetParam()), chunk);
    const auto parts = evaluate();
    EXPECT_NEAR(parts.loss, whole.loss, 1e-9) << chunk;
    ASSERT_EQ(parts.gradients.size(), whole.gradients.size());
    for (size_t i = 0; i < parts.gradients.size(); ++i) {
      ASSERT_TRUE(whole.gradients[i].defined()) << i;
      const double size = whole.gradients[i].norm().item<double>();
      EXPECT_GT(size, 0) << i;
      const double apart = (parts.gradients[i] - whole.gradients[i]).norm().item<double>();
      EXPECT_LE(apart, 1e-9 * size) << "parameter " << i << ", chunk " << chunk;
    }
  }
}

// With dropout the loss of one seed is a function of the weights only if both passes draw alike:
// central differences along the gradient itself.
TEST_P(EachLoss, DrawsTheSameDropoutTwice) {
  open(terms_with(GetParam()), 5, /*dropout=*/0.3);
  const auto at_zero = evaluate();
  const size_t weights = world_->model()->parameters().size();
  std::vector<at::Tensor> direction;
  double square = 0;
  for (size_t i = 0; i < weights; ++i) {
    direction.push_back(at_zero.gradients[i]);
    square += at_zero.gradients[i].square().sum().item<double>();
  }
  const double slope = std::sqrt(square);  // along the unit vector of the gradient
  for (auto& part : direction) part = part / slope;
  constexpr double kStep = 1e-5;
  const double measured =
      (evaluate(direction, kStep).loss - evaluate(direction, -kStep).loss) / (2 * kStep);
  EXPECT_NEAR(slope, measured, 1e-5 * std::abs(slope));
}

INSTANTIATE_TEST_SUITE_P(, EachLoss,
                         testing::Values("loss: {kind: info_nce}",
                                         "loss: {kind: info_nce}, widths: [4, 16]",
                                         "loss: {kind: nt_xent}", "loss: {kind: sigmoid}",
                                         "loss: {kind: cosine_distance}",
                                         "loss: {kind: triplet, margin: 2}",
                                         "loss: {kind: momentum_queue, length: 24}"),
                         [](const auto& test) {
                           std::string name;
                           for (const char c : test.param) {
                             if (std::isalnum(static_cast<unsigned char>(c))) name += c;
                           }
                           return name;
                         });

// One step of training on `samples` rows: the most bytes of tensors alive at once, beside those
// that were there before.
int64_t peak_of(const Recipe& recipe, const TinyWorld& world, Model& model, int64_t samples) {
  std::vector<Slot> slots;
  Batch batch;
  for (const auto& [name, field] : recipe.fields) batch.fields.push_back({name, {}});
  for (size_t field = 0; field < batch.fields.size(); ++field) {
    const auto& modality = *world.modalities[field];
    const auto one = modality.view(modality.prepare(as_bytes("a red house and a green tree")));
    Slot slot;
    slot.batch = modality.collate(std::vector<const Sample*>(static_cast<size_t>(samples), &one));
    slot.present.assign(static_cast<size_t>(samples), 1);
    slot.value_key.assign(static_cast<size_t>(samples), field + 1);
    batch.fields[field].slots.push_back(std::move(slot));
  }
  for (int64_t row = 0; row < samples; ++row) batch.rows.push_back(row);
  JointLoss loss(recipe, world.pointers());
  const PeakMemory memory;
  loss.forward(model, batch).total.backward();
  return memory.peak_bytes();
}

// Activations of one chunk only: what is left to grow with the batch are the vectors and the loss.
TEST_F(GradCache, NeedsTheActivationsOfOneChunk) {
  const auto terms = "alignment:\n  - {between: [a, b], loss: {kind: info_nce}}\n";
  open(terms, 0, /*dropout=*/0.1);
  const auto whole = world_->model();
  const int64_t all_64 = peak_of(world_->recipe, *world_, *whole, 64);
  const int64_t all_128 = peak_of(world_->recipe, *world_, *whole, 128);
  open(terms, 8, 0.1);
  const auto model = world_->model();
  const int64_t chunk_64 = peak_of(world_->recipe, *world_, *model, 64);
  const int64_t chunk_128 = peak_of(world_->recipe, *world_, *model, 128);
  EXPECT_GT(all_128, 1.8 * static_cast<double>(all_64));
  EXPECT_LT(chunk_64, all_64 / 3);
  EXPECT_LT(chunk_128 - chunk_64, (all_128 - all_64) / 4);
}

TEST_F(GradCache, RefusesWhatMixesSamplesAndSaysHowToMendIt) {
  open("alignment:\n  - {between: [a, b]}\n", 4);
  auto picture = make_modality("image", ConfigNode::parse("{kind: image, size: 16}", "x.yaml"));
  auto& [name, field] = world_->recipe.fields[0];
  const auto pointers = std::vector<const Modality*>{picture.get(), world_->pointers()[1]};
  field.encoder = ConfigNode::parse("{kind: cnn, stages: [8], norm: batch}", "x.yaml");
  EXPECT_THAT(error_of([&] { Model(world_->recipe, pointers); }),
              AllOf(HasSubstr("config: "), HasSubstr("train.chunk"), HasSubstr("'a'"),
                    HasSubstr("fields.a.encoder.norm: group")));
  field.encoder =
      ConfigNode::parse("{kind: cnn, stages: [8], norm: group, group_width: 4}", "x.yaml");
  EXPECT_NO_THROW(Model(world_->recipe, pointers));
}

}  // namespace
}  // namespace braid::test
