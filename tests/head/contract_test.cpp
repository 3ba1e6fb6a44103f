// What every head promises.
#include <gtest/gtest.h>

#include <torch/types.h>

#include "tests/head/heads.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using test::class_facts;
using test::number_facts;

constexpr const char* kNames[] = {
#define BRAID_HEAD(name, Config, help) #name,
#include "braid/head/all.def"
#undef BRAID_HEAD
};

class HeadContract : public testing::TestWithParam<const char*> {
 protected:
  static std::shared_ptr<Head> make(const std::string& more = "") {
    const std::string kind = GetParam();
    const auto facts = kind == "regression"       ? number_facts({0.5, 3}, {2, 1})
                       : kind == "classification" ? class_facts({2, 3, 1})
                                                  : TargetFacts{};
    const std::string target = kind == "matching" ? "" : ", target: [y, z]";
    const auto yaml = kind == "classification" ? ", target: y" : target;
    at::manual_seed(3);
    return test::head("{kind: " + kind + yaml + more + "}", facts, 8);
  }
  // Something true for each of two rows.
  static at::Tensor targets() {
    const std::string kind = GetParam();
    if (kind == "regression") return at::tensor({0.0, 1.0, 2.0, 3.0}, at::kDouble).view({2, 2});
    return at::tensor({0.0, 1.0}, at::kDouble).view({2, 1});
  }
};

TEST_P(HeadContract, ReachesEveryParameterWithAGradient) {
  for (const char* more : {"", ", hidden: 5"}) {
    const auto head = make(more);
    head->loss(head->forward(at::randn({2, 8})), targets()).loss.backward();
    for (const auto& [name, tensor] : head->named_parameters())
      EXPECT_TRUE(tensor.grad().defined() && tensor.grad().abs().sum().item<double>() > 0) << name;
  }
}

TEST_P(HeadContract, GradientEqualsFiniteDifferences) {
  const auto head = make();
  at::manual_seed(4);
  const auto z = head->forward(at::randn({2, 8})).detach();
  auto x = z.clone().set_requires_grad(true);
  head->loss(x, targets()).loss.backward();
  constexpr double kStep = 1e-2;
  for (int64_t i = 0; i < z.numel(); ++i) {
    const auto at = [&](double step) {
      auto moved = z.clone();
      moved.view(-1)[i] += step;
      return head->loss(moved, targets()).loss.item<double>();
    };
    EXPECT_NEAR(x.grad().view(-1)[i].item<double>(), (at(kStep) - at(-kStep)) / (2 * kStep), 2e-3);
  }
}

TEST_P(HeadContract, AnswersEachRowByItself) {
  const auto head = make();
  head->eval();
  const auto x = at::randn({5, 8});
  const auto together = head->answers(head->forward(x));
  for (int64_t i = 0; i < 5; ++i) {
    const auto alone = head->answers(head->forward(x.narrow(0, i, 1)));
    EXPECT_TRUE(alone.allclose(together.narrow(0, i, 1), 1e-5, 1e-6)) << i;
  }
}

TEST_P(HeadContract, DropsOnlyInTraining) {
  const auto head = make(", dropout: 0.5");
  const auto x = at::randn({2, 8});
  EXPECT_FALSE(head->forward(x).equal(head->forward(x)));
  head->eval();
  EXPECT_TRUE(head->forward(x).equal(head->forward(x)));
}

TEST_P(HeadContract, RefusesTargetsOfAnotherShape) {
  const auto head = make();
  const auto outputs = head->forward(at::randn({2, 8}));
  EXPECT_EQ(error_of([&] {
              head->loss(outputs, at::zeros({2, 9}, at::kDouble));
            }).substr(0, 7),
            "shape: ");
}

TEST_P(HeadContract, NamesUnknownKeys) {
  EXPECT_NE(error_of([&] { make(", hiden: 3"); }).find("did you mean 'hidden'?"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, HeadContract, testing::ValuesIn(kNames),
                         [](const auto& info) { return std::string(info.param); });

TEST(Head, NamesTheTasksThereAre) {
  EXPECT_EQ(error_of([] { test::head("{kind: clasification}", {}); })
                .find("config: r.yaml:1:8: unknown task 'clasification' (did you mean "
                      "'classification'?)"),
            0u);
}

}  // namespace
}  // namespace braid
