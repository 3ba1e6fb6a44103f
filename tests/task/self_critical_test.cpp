#include "braid/task/self_critical.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "braid/task/joint_loss.h"
#include "braid/train/adamw.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;

std::string say_critically(const std::string& critical) {
  return "fusion: mean\ntasks: {say: {kind: generation, target: {es: es, it: it}, width: 16, depth: "
         "1, heads: 2, dropout: 0, max_tokens: 12, tokenizer: {vocabulary: 300}" +
         critical + "}}\ntrain: {epochs: 4, weight_decay: 0}\n";
}

class SelfCriticalTest : public testing::Test {
 protected:
  void open(const std::string& critical) {
    world_ = std::make_unique<TinyWorld>(folder_.path(), say_critically(critical),
                                         test::spoken_manifest());
    loss_ = std::make_unique<JointLoss>(world_->recipe, world_->pointers(), world_->targets());
  }

  Batch batch(const std::vector<int64_t>& rows, int64_t epoch) {
    LoaderConfig config;
    config.batch = static_cast<int64_t>(rows.size());
    config.shuffle = false;
    config.workers = 0;
    config.two_views = {false, false};
    config.every_source = {false, false};
    rows_ = rows;
    const auto loader = make_loader(*world_->data, rows_, world_->pointers(), config);
    loader->start(epoch, 0);
    auto made = std::move(*loader->next());
    made.fields.back().slots.clear();
    return made;
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  std::unique_ptr<JointLoss> loss_;
  std::vector<int64_t> rows_;
};

// Two texts of two and one tokens (with ends: three and two rows), V = 4, all logits zero but one.
TEST(SelfCriticalLoss, IsTheMeanOfLogProbabilitiesByWhatTheyAreAhead) {
  DrawnTexts drawn;
  drawn.texts = {{0, 0}, {0, 0}, {{1, 2}, {3}}};
  drawn.reward = {2, 1};
  drawn.advantage = {1, -1};
  auto scores = at::zeros({5, 4});
  scores[0][1] = std::log(3.0F);  // p = 3 / 6
  scores.requires_grad_();
  const auto loss = self_critical_loss(scores, {1, 2, 0, 3, 0}, drawn, 12);
  const double quarter = std::log(0.25), half = std::log(0.5);
  EXPECT_NEAR(loss.item<double>(), -(half + 2 * quarter - 2 * quarter) / 5, 1e-6);
  loss.backward();
  EXPECT_LT(scores.grad()[0][1].item<double>(), 0);  // more of what is ahead
  EXPECT_GT(scores.grad()[3][3].item<double>(), 0);  // less of what is behind
}

TEST_F(SelfCriticalTest, DrawsOfEachLanguageThatARowHasAndWeighsThemAgainstEachOther) {
  open(", self_critical: {epochs: 4, draws: 3}");
  const auto model = world_->model();
  const auto targets = world_->targets();
  const SelfCritical critic(targets[0], 3);
  const auto at_rows = batch({0, 2, 5}, 0);  // row 2 has no Italian
  std::vector<Embedding> parts;
  for (int field = 0; field < 2; ++field)
    parts.push_back({{}, at::randn({3, 16}), at::ones({3}, at::kBool)});
  const auto joined = model->fuse(parts);
  const auto drawn = critic.draw(*model, 0, joined, {0, 2, 5}, {0, 2, 5}, 7);
  EXPECT_EQ(drawn.texts.sample, (std::vector<int64_t>{0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2}));
  EXPECT_EQ(drawn.texts.language,
            (std::vector<int64_t>{0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1}));
  for (size_t k = 0; k < drawn.advantage.size(); k += 3) {
    EXPECT_NEAR(drawn.advantage[k] + drawn.advantage[k + 1] + drawn.advantage[k + 2], 0, 1e-9);
    EXPECT_NEAR(drawn.advantage[k],
                drawn.reward[k] - (drawn.reward[k + 1] + drawn.reward[k + 2]) / 2, 1e-9);
  }
  // The same rows beside others draw the same.
  const auto alone = critic.draw(*model, 0, joined, {0, 2, SelfCritical::kUnknown}, {0, 2, 5}, 7);
  ASSERT_EQ(alone.texts.tokens.size(), 9u);
  for (size_t k = 0; k < 9; ++k) EXPECT_EQ(alone.texts.tokens[k], drawn.texts.tokens[k]);
  EXPECT_TRUE(model->is_training());
}

TEST_F(SelfCriticalTest, ComesInTheLastEpochsAndBringsMoreReward) {
  open(", self_critical: {epochs: 2, draws: 4}");
  const auto model = world_->model();
  std::vector<int64_t> rows(24);
  std::iota(rows.begin(), rows.end(), 0);
  Adamw optimizer(model->named_parameters(), world_->recipe.train);
  const auto step = [&](const Batch& seen, double rate) {
    const auto value = loss_->forward(*model, seen);
    value.total.backward();
    optimizer.step(rate, 1);
    optimizer.zero_gradients();
    return value.terms.at(0);
  };
  const auto taught = batch(rows, 1);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(step(taught, 0.01).readings.empty());
  double first = 0, last = 0;
  for (int i = 0; i < 25; ++i) {
    auto own = batch(rows, 2);
    own.epoch = 2 + i;  // other draws
    const auto term = step(own, 0.003);
    ASSERT_EQ(term.readings.at(0).first, "cider_d");
    if (i < 5) first += term.readings[0].second / 5;
    if (i >= 20) last += term.readings[0].second / 5;
  }
  EXPECT_GT(first, 0.3);
  EXPECT_GT(last, 1.2 * first);
}

}  // namespace
}  // namespace braid
