// What every alignment loss of all.def promises, plain and with its false-negative filter on.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <torch/types.h>

#include "braid/alignment/alignment.h"
#include "braid/core/error.h"

namespace braid {
namespace {

constexpr int64_t kWidth = 3;

std::shared_ptr<Alignment> make_loss(const std::string& yaml) {
  return make_alignment(ConfigNode::parse(yaml), kWidth);
}

// Rows with everything that a loss may ask for; the first two hold an equal value.
Pairs random_pairs(int64_t batch, at::ScalarType type = at::kFloat) {
  const auto vectors = [&] { return at::randn({batch, kWidth}, type); };
  auto identity = at::arange(3 * batch, at::kLong).view({batch, 3});
  if (batch > 1) identity[1][2] = identity[0][2];
  return {vectors(), vectors(), identity, vectors(), vectors()};
}

Pairs picked(const Pairs& pairs, const at::Tensor& rows) {
  const auto pick = [&](const at::Tensor& t) { return t.index_select(0, rows); };
  return {pick(pairs.a), pick(pairs.b), pick(pairs.identity), pick(pairs.a_key), pick(pairs.b_key)};
}

double value_of(Alignment& loss, const Pairs& pairs) {
  return loss.forward(pairs).loss.item<double>();
}

// d loss / d tensor against finite differences, each element.
void expect_true_gradient(Alignment& loss, const Pairs& pairs, at::Tensor tensor) {
  tensor.mutable_grad() = at::Tensor();
  loss.forward(pairs).loss.backward();
  const auto gradient = tensor.grad().clone();
  const at::NoGradGuard no_grad;
  const double h = 1e-6;
  auto flat = tensor.view(-1);
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    flat[i] += h;
    const double up = value_of(loss, pairs);
    flat[i] -= 2 * h;
    const double down = value_of(loss, pairs);
    flat[i] += h;
    EXPECT_NEAR(gradient.view(-1)[i].item<double>(), (up - down) / (2 * h), 1e-6);
  }
}

class AlignmentContract : public testing::TestWithParam<std::string> {
 protected:
  std::string named(const std::string& more = "") const { return "{" + GetParam() + more + "}"; }
};

TEST_P(AlignmentContract, GradientsEqualFiniteDifferences) {
  at::manual_seed(2);
  const auto loss = make_loss(named());
  loss->to(at::kDouble);
  loss->remember(random_pairs(2, at::kDouble));
  auto pairs = random_pairs(5, at::kDouble);
  pairs.a.set_requires_grad(true);
  pairs.b.set_requires_grad(true);
  expect_true_gradient(*loss, pairs, pairs.a);
  for (auto& parameter : loss->parameters()) expect_true_gradient(*loss, pairs, parameter);
}

TEST_P(AlignmentContract, DoesNotDependOnTheOrderOfSamples) {
  at::manual_seed(3);
  const auto loss = make_loss(named());
  const auto pairs = random_pairs(6);
  EXPECT_NEAR(value_of(*loss, pairs), value_of(*loss, picked(pairs, at::randperm(6))), 1e-5);
}

TEST_P(AlignmentContract, ValuesTheSameWhenTheSidesAreSwapped) {
  at::manual_seed(1);
  const auto loss = make_loss(named());
  const auto p = random_pairs(6);
  EXPECT_NEAR(value_of(*loss, p), value_of(*loss, {p.b, p.a, p.identity, p.b_key, p.a_key}), 1e-5);
}

TEST_P(AlignmentContract, TruePairsThatAgreeCostLessThanOnesThatDoNot) {
  const auto loss = make_loss(named());
  const auto z = at::eye(kWidth), other = z.roll(1, 0);
  const auto identity = at::arange(3 * kWidth, at::kLong).view({kWidth, 3});
  EXPECT_LT(value_of(*loss, {z, z, identity, z, z}),
            value_of(*loss, {z, other, identity, z, other}) - 0.1);
}

TEST_P(AlignmentContract, AccuracyIsTheShareOfRowsWhosePartnerWins) {
  const auto loss = make_loss(named());
  const auto z = at::eye(kWidth);
  const auto two = at::tensor({0, 2, 1}, at::kLong);  // one partner right, two swapped
  const auto identity = at::arange(3 * kWidth, at::kLong).view({kWidth, 3});
  const auto crossed = z.index_select(0, two);
  const auto out = loss->forward({z, crossed, identity, z, crossed});
  EXPECT_NEAR(out.accuracy.item<double>(), 1.0 / 3, 1e-6);
}

TEST_P(AlignmentContract, LooksWithoutChangingAnything) {
  at::manual_seed(4);
  const auto loss = make_loss(named());
  const auto pairs = random_pairs(4);
  const double first = value_of(*loss, pairs);
  EXPECT_EQ(value_of(*loss, pairs), first);
}

TEST_P(AlignmentContract, RefusesABatchWithoutNegatives) {
  EXPECT_THROW(make_loss(named())->forward(random_pairs(1)), Error);
}

TEST_P(AlignmentContract, RefusesSidesOfDifferentShape) {
  const auto loss = make_loss(named());
  auto narrow = random_pairs(3), few = random_pairs(3);
  narrow.b = narrow.b.narrow(1, 0, 2);
  few.identity = few.identity.narrow(0, 0, 2);
  EXPECT_THROW(loss->forward(narrow), Error);
  EXPECT_THROW(loss->forward(few), Error);
}

TEST_P(AlignmentContract, KeepsALearnedTemperatureAboveItsBound) {
  if (make_loss(named())->readings().empty()) {  // without a temperature nothing is learned
    EXPECT_TRUE(make_loss(named())->parameters().empty());
    return;
  }
  const auto loss = make_loss(named(", temperature: {initial: 0.02, learned: true, lowest: 0.05}"));
  loss->bound();
  EXPECT_NEAR(loss->readings()[0].second, 0.05, 1e-6);
}

TEST_P(AlignmentContract, NamesTheLineOfAnUnknownKey) {
  try {
    make_loss(named(",\n similarty: cosine"));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("recipe:2:"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("'similarty'"), std::string::npos) << error.what();
  }
}

std::vector<std::string> variants() {
  std::vector<std::string> all = {"kind: triplet, mining: hardest", "kind: triplet, mining: all",
                                  "kind: nt_xent, denominator: with_self"};
#define BRAID_ALIGNMENT(name, config, help)                               \
  all.push_back("kind: " #name);                                          \
  if (std::string(#name) != "cosine_distance") /* has no negatives */ \
    all.push_back("kind: " #name ", false_negatives: {above: 0.2, at_most: 0.5}");
#include "braid/alignment/all.def"
#undef BRAID_ALIGNMENT
  return all;
}

INSTANTIATE_TEST_SUITE_P(AllDef, AlignmentContract, testing::ValuesIn(variants()),
                         [](const auto& test) {
                           std::string name;
                           for (const char c : test.param) name += std::isalnum(c) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace braid
