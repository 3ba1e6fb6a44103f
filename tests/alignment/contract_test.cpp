// What every alignment loss of all.def promises.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <torch/types.h>

#include "braid/alignment/alignment.h"
#include "braid/core/error.h"

namespace braid {
namespace {

std::shared_ptr<Alignment> make_loss(const std::string& yaml) {
  return make_alignment(ConfigNode::parse(yaml));
}

class AlignmentContract : public testing::TestWithParam<std::string> {};

TEST_P(AlignmentContract, GradientEqualsFiniteDifferences) {
  at::manual_seed(2);
  const auto loss = make_loss("{kind: " + GetParam() + "}");
  loss->to(at::kDouble);
  auto a = at::randn({4, 3}, at::kDouble).set_requires_grad(true);
  const auto b = at::randn({4, 3}, at::kDouble);
  loss->forward({a, b, {}}).loss.backward();
  const double h = 1e-6;
  for (int64_t i = 0; i < a.numel(); ++i) {
    auto up = a.detach().clone(), down = a.detach().clone();
    up.view(-1)[i] += h;
    down.view(-1)[i] -= h;
    const double slope = (loss->forward({up, b, {}}).loss.item<double>() -
                          loss->forward({down, b, {}}).loss.item<double>()) /
                         (2 * h);
    EXPECT_NEAR(a.grad().view(-1)[i].item<double>(), slope, 1e-7);
  }
}

TEST_P(AlignmentContract, DoesNotDependOnTheOrderOfSamples) {
  at::manual_seed(3);
  const auto loss = make_loss("{kind: " + GetParam() + "}");
  const auto a = at::randn({6, 4}), b = at::randn({6, 4});
  const auto order = at::randperm(6);
  EXPECT_NEAR(
      loss->forward({a, b, {}}).loss.item<double>(),
      loss->forward({a.index_select(0, order), b.index_select(0, order), {}}).loss.item<double>(),
      1e-5);
}

TEST_P(AlignmentContract, RefusesABatchWithoutNegatives) {
  const auto loss = make_loss("{kind: " + GetParam() + "}");
  EXPECT_THROW(loss->forward({at::ones({1, 3}), at::ones({1, 3}), {}}), Error);
}

TEST_P(AlignmentContract, RefusesSidesOfDifferentShape) {
  const auto loss = make_loss("{kind: " + GetParam() + "}");
  EXPECT_THROW(loss->forward({at::ones({3, 3}), at::ones({3, 4}), {}}), Error);
  EXPECT_THROW(loss->forward({at::ones({3, 3}), at::ones({3, 3}), at::ones({2, 1}, at::kLong)}),
               Error);
}

TEST_P(AlignmentContract, KeepsALearnedTemperatureAboveItsBound) {
  if (make_loss("{kind: " + GetParam() + "}")->readings().empty())
    GTEST_SKIP() << "has no temperature";
  const auto loss = make_loss("{kind: " + GetParam() +
                              ", temperature: {initial: 0.02, learned: true, lowest: 0.05}}");
  loss->bound();
  EXPECT_NEAR(loss->readings()[0].second, 0.05, 1e-6);
}

TEST_P(AlignmentContract, NamesTheLineOfAnUnknownKey) {
  try {
    make_loss("kind: " + GetParam() + "\nsimilarty: cosine\n");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("recipe:2:"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("'similarity'"), std::string::npos) << error.what();
  }
}

std::vector<std::string> all_names() {
  return {
#define BRAID_ALIGNMENT(name, config, help) #name,
#include "braid/alignment/all.def"
#undef BRAID_ALIGNMENT
  };
}

INSTANTIATE_TEST_SUITE_P(AllDef, AlignmentContract, testing::ValuesIn(all_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace braid
