#include "braid/task/joint_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "braid/task/tensor.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;

// The oracle and the loss differ in padding and order of sums only.
constexpr double kTolerance = 1e-5;
constexpr const char* kLoss = "loss: {kind: info_nce, temperature: {initial: 0.5, learned: false}}";

std::string pair(const std::string& more = "") {
  return std::string("  - {between: [a, b], ") + kLoss + more + "}\n";
}

class JointLossTest : public testing::Test {
 protected:
  void open(const std::string& terms) {
    world_ = std::make_unique<TinyWorld>(folder_.path(), "alignment:\n" + terms);
    model_ = world_->model();
    loss_ = std::make_unique<JointLoss>(world_->recipe, world_->pointers());
  }

  Sample sample(size_t field, const std::string& text) const {
    const auto& modality = *world_->modalities[field];
    return modality.view(modality.prepare(as_bytes(text)));
  }

  // One slot; an empty text is a missing value.
  Slot slot(size_t field, const std::string& source, const std::vector<std::string>& texts,
            int view = 0) const {
    Slot slot;
    slot.source = source;
    slot.view = view;
    std::vector<Sample> samples;
    for (const auto& text : texts) samples.push_back(text.empty() ? Sample() : sample(field, text));
    std::vector<const Sample*> views;
    for (size_t i = 0; i < texts.size(); ++i) {
      views.push_back(texts[i].empty() ? nullptr : &samples[i]);
      slot.present.push_back(!texts[i].empty());
      slot.value_key.push_back(texts[i].empty() ? 0 : std::hash<std::string>()(texts[i]));
    }
    slot.batch = world_->modalities[field]->collate(views);
    return slot;
  }

  static Batch batch(std::vector<Slot> a, std::vector<Slot> b) {
    Batch batch;
    for (size_t i = 0; i < a[0].present.size(); ++i) batch.rows.push_back(static_cast<int64_t>(i));
    batch.fields.push_back({"a", std::move(a)});
    batch.fields.push_back({"b", std::move(b)});
    return batch;
  }

  at::Tensor embed(size_t field, const std::vector<std::string>& texts) {
    const auto one = slot(field, "", texts);
    return model_->embed(field, to_tensor(one.batch.values), to_tensor(one.batch.mask));
  }

  // Pairs scored by the alignment itself, with nothing of the joint loss around it.
  double oracle(const std::vector<std::string>& a, const std::vector<std::string>& b,
                const at::Tensor& identity = {}) {
    const auto alignment = make_alignment(world_->recipe.alignment[0].loss, 16);
    return alignment->forward({embed(0, a), embed(1, b), identity, {}, {}}).loss.item<double>();
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<JointLoss> loss_;
};

TEST_F(JointLossTest, ASampleWithoutOneSideLeavesThatPairOnly) {
  open(pair());
  const auto value = loss_->forward(
      *model_, batch({slot(0, "", {"red house", "", "blue tree", "grey moon"})},
                     {slot(1, "de", {"rot haus", "blau boot", "", "grau mond"}),
                      slot(1, "fr", {"", "bleu bateau", "bleu arbre", "gris lune"})}));
  const double de = oracle({"red house", "grey moon"}, {"rot haus", "grau mond"});
  const double fr = oracle({"blue tree", "grey moon"}, {"bleu arbre", "gris lune"});
  ASSERT_EQ(value.terms.size(), 1u);
  EXPECT_EQ(value.terms[0].name, "a~b");
  EXPECT_NEAR(value.terms[0].loss, (de + fr) / 2, kTolerance);
  EXPECT_NEAR(value.total.item<double>(), (de + fr) / 2, kTolerance);
  ASSERT_EQ(value.terms[0].readings.size(), 1u);
  EXPECT_EQ(value.terms[0].readings[0].first, "temperature");
  EXPECT_NEAR(value.terms[0].readings[0].second, 0.5, 1e-6);
}

TEST_F(JointLossTest, AFieldWhollyAbsentLeavesTheOtherTerms) {
  open(pair() + "  - {views: a}\n");
  const std::vector<std::string> a = {"red house", "blue tree"}, other = {"red", "tree"};
  const auto value = loss_->forward(
      *model_, batch({slot(0, "", a), slot(0, "", other, 1)}, {slot(1, "de", {"", ""})}));
  EXPECT_TRUE(std::isnan(value.terms[0].loss));
  EXPECT_NEAR(value.total.item<double>(), value.terms[1].loss, kTolerance);
  value.total.backward();
  for (const auto& [name, tensor] : model_->named_parameters())
    EXPECT_EQ(tensor.grad().defined(), name.starts_with("a.")) << name;
  EXPECT_EQ(loss_->pairs(), (std::vector<std::pair<size_t, size_t>>{{0, 1}, {0, 0}}));
}

TEST_F(JointLossTest, NoSampleWithBothSidesIsNoLoss) {
  open(pair());
  const auto value = loss_->forward(
      *model_, batch({slot(0, "", {"red house", ""})}, {slot(1, "de", {"", "blau baum"})}));
  EXPECT_FALSE(value.total.defined());
}

TEST_F(JointLossTest, ALanguageWithOneSampleHasNoNegativesAndDoesNotCount) {
  open(pair());
  const auto value = loss_->forward(*model_, batch({slot(0, "", {"red house", "blue tree"})},
                                                   {slot(1, "de", {"rot haus", "blau baum"}),
                                                    slot(1, "fr", {"rouge maison", ""})}));
  EXPECT_NEAR(value.total.item<double>(),
              oracle({"red house", "blue tree"}, {"rot haus", "blau baum"}), kTolerance);
}

TEST_F(JointLossTest, WeightsMultiplyTermsInTheTotalNotInTheLog) {
  open(pair(", weight: 3") + "  - {views: a, weight: 0.5}\n");
  const std::vector<std::string> a = {"red house", "blue tree", "pink fish"};
  const auto value =
      loss_->forward(*model_, batch({slot(0, "", a), slot(0, "", {"red", "blue", "pink"}, 1)},
                                    {slot(1, "de", {"rot haus", "blau baum", "rosa fisch"})}));
  ASSERT_EQ(value.terms.size(), 2u);
  EXPECT_EQ(value.terms[1].name, "views:a");
  EXPECT_NEAR(value.terms[0].loss, oracle(a, {"rot haus", "blau baum", "rosa fisch"}), kTolerance);
  EXPECT_NEAR(value.total.item<double>(), 3 * value.terms[0].loss + 0.5 * value.terms[1].loss,
              kTolerance);
  EXPECT_EQ(loss_->two_views(), (std::vector<bool>{true, false}));
}

TEST_F(JointLossTest, ViewsCompareTheTwoViewsOfAValueAndPairsTheFirstOnly) {
  open(pair() + "  - {views: a}\n");
  const std::vector<std::string> first = {"red house", "blue tree"}, second = {"red", "tree"};
  const std::vector<std::string> b = {"rot haus", "blau baum"};
  const auto value = loss_->forward(
      *model_, batch({slot(0, "", first), slot(0, "", second, 1)}, {slot(1, "de", b)}));
  const auto nt_xent = make_alignment(world_->recipe.alignment[1].loss, 16);
  EXPECT_NEAR(value.terms[0].loss, oracle(first, b), kTolerance);
  EXPECT_NEAR(value.terms[1].loss,
              nt_xent->forward({embed(0, first), embed(0, second), {}, {}, {}}).loss.item<double>(),
              kTolerance);
}

TEST_F(JointLossTest, AFieldWithItselfComparesItsLanguages) {
  open(std::string("  - {between: [b, b], ") + kLoss + "}\n");
  const std::vector<std::string> de = {"rot haus", "blau baum"},
                                 fr = {"rouge maison", "bleu arbre"};
  const auto value = loss_->forward(
      *model_, batch({slot(0, "", {"", ""})}, {slot(1, "de", de), slot(1, "fr", fr)}));
  const auto alignment = make_alignment(world_->recipe.alignment[0].loss, 16);
  EXPECT_NEAR(value.total.item<double>(),
              alignment->forward({embed(1, de), embed(1, fr), {}, {}, {}}).loss.item<double>(),
              kTolerance);
}

TEST_F(JointLossTest, EqualValuesAreNoNegatives) {
  open(pair());
  const std::vector<std::string> a = {"red house", "blue tree", "red house"};
  const std::vector<std::string> b = {"rot haus", "blau baum", "haus rot"};
  const auto value = loss_->forward(*model_, batch({slot(0, "", a)}, {slot(1, "de", b)}));
  const auto identity = at::tensor({7, 8, 7}, at::kLong).view({3, 1});
  EXPECT_NEAR(value.total.item<double>(), oracle(a, b, identity), kTolerance);
  EXPECT_GT(std::abs(oracle(a, b) - oracle(a, b, identity)), 100 * kTolerance);
}

TEST_F(JointLossTest, AFieldThatIsWhollyAbsentDropsItsTermsOnly) {
  open(pair() + "  - {views: a}\n");
  const std::vector<std::string> a = {"red house", "blue tree"};
  const auto value = loss_->forward(
      *model_, batch({slot(0, "", a), slot(0, "", a, 1)}, {slot(1, "de", {"", ""})}));
  EXPECT_TRUE(std::isnan(value.terms[0].loss));
  EXPECT_NEAR(value.total.item<double>(), value.terms[1].loss, kTolerance);
}

TEST_F(JointLossTest, NothingToCompareGivesNoTotal) {
  open(pair());
  const auto value = loss_->forward(
      *model_, batch({slot(0, "", {"red house", ""})}, {slot(1, "de", {"rot haus", "blau baum"})}));
  EXPECT_FALSE(value.total.defined());
  EXPECT_TRUE(std::isnan(value.terms[0].loss));
}

TEST_F(JointLossTest, MissingRowsCarryNoGradient) {
  open(pair());
  const auto first =
      loss_->forward(*model_, batch({slot(0, "", {"red house", "blue tree", ""})},
                                    {slot(1, "de", {"rot haus", "blau baum", "grau mond"})}));
  const auto second = loss_->forward(*model_, batch({slot(0, "", {"red house", "blue tree"})},
                                                    {slot(1, "de", {"rot haus", "blau baum"})}));
  const auto gradients = [&](const JointLossValue& value) {
    for (auto& tensor : model_->parameters()) tensor.mutable_grad() = at::Tensor();
    value.total.backward();
    std::vector<at::Tensor> all;
    for (const auto& tensor : model_->parameters()) {
      all.push_back(tensor.grad().defined() ? tensor.grad().clone() : at::zeros_like(tensor));
    }
    return all;
  };
  const auto a = gradients(first), b = gradients(second);
  for (size_t i = 0; i < a.size(); ++i) {  // float32 sums over other numbers of rows
    const auto scale = b[i].abs().max().item<double>();
    EXPECT_LE((a[i] - b[i]).abs().max().item<double>(), 1e-6 * scale + 1e-7) << i;
  }
}

TEST_F(JointLossTest, WidthsMeanTheLossOfEachPrefix) {
  open(pair(", widths: [16, 4], width_weights: [3, 1]"));
  const std::vector<std::string> a = {"red house", "blue tree", "pink fish"};
  const std::vector<std::string> b = {"rot haus", "blau baum", "rosa fisch"};
  const auto value = loss_->forward(*model_, batch({slot(0, "", a)}, {slot(1, "de", b)}));
  const auto alignment = make_alignment(world_->recipe.alignment[0].loss, 16);
  const auto cost = [&](int64_t width) {
    return alignment
        ->forward({embed(0, a).narrow(1, 0, width), embed(1, b).narrow(1, 0, width), {}, {}, {}})
        .loss.item<double>();
  };
  EXPECT_NEAR(value.total.item<double>(), (3 * cost(16) + cost(4)) / 4, kTolerance);
}

TEST_F(JointLossTest, QueuesTakeInAStepOnceItIsDone) {
  open(
      "  - {between: [a, b], loss: {kind: momentum_queue, length: 3, temperature: {learned: "
      "false}}}\n");
  loss_->begin(*model_);
  const auto two = batch(
      {slot(0, "", {"red house", "blue tree"})},
      {slot(1, "de", {"rot haus", "blau baum"}), slot(1, "fr", {"rouge maison", "bleu arbre"})});
  const auto seen = [&] {
    for (const auto& [name, tensor] : loss_->named_buffers()) {
      if (name == "a~b.seen") return tensor.item<int64_t>();
    }
    return int64_t{-1};
  };
  const double first = loss_->forward(*model_, two).total.item<double>();
  EXPECT_EQ(seen(), 4);  // two samples in two languages
  EXPECT_GT(loss_->forward(*model_, two).total.item<double>(), first);  // more negatives
}

TEST_F(JointLossTest, MomentumEncodersAreNotTrained) {
  open("  - {between: [a, b], loss: {kind: momentum_queue, length: 3}}\n");
  loss_->begin(*model_);
  for (const auto& [name, tensor] : loss_->named_parameters()) {
    EXPECT_EQ(name, "a~b.temperature.log_scale");
  }
  const auto value = loss_->forward(*model_, batch({slot(0, "", {"red house", "blue tree"})},
                                                   {slot(1, "de", {"rot haus", "blau baum"})}));
  value.total.backward();
  for (const auto& [name, tensor] : loss_->named_buffers()) EXPECT_FALSE(tensor.grad().defined());
}

TEST_F(JointLossTest, OneSetOfMomentumEncodersHasOneMomentum) {
  EXPECT_EQ(error_of([&] {
              open(
                  "  - {between: [a, b], loss: {kind: momentum_queue, momentum: 0.9}}\n"
                  "  - {views: a, loss: {kind: momentum_queue, momentum: 0.8}}\n");
            }),
            "config: alignment: the momentum encoders are one set for all terms: momentum 0.8 of "
            "'views:a' differs from 0.9 before");
}

}  // namespace
}  // namespace braid
