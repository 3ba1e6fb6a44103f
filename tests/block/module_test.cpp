#include "braid/block/module.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/block/linear.h"
#include "braid/core/error.h"

namespace braid {
namespace {

struct Part : Module {
  Part() { scale = register_parameter("scale", at::ones({2})); }
  at::Tensor scale;
};

struct Whole : Module {
  Whole() {
    first = register_parameter("first", at::zeros({1}));
    part = register_module("part", std::make_shared<Part>());
    mean = register_buffer("mean", at::zeros({3}));
    last = register_parameter("last", at::zeros({1}));
  }
  void again() { register_parameter("last", at::zeros({1})); }
  void dotted() { register_parameter("a.b", at::zeros({1})); }
  at::Tensor first, mean, last;
  std::shared_ptr<Part> part;
};

std::vector<std::string> names(const Module::NamedTensors& tensors) {
  std::vector<std::string> out;
  for (const auto& [name, tensor] : tensors) out.push_back(name);
  return out;
}

TEST(Module, NamesItsTensorsWithDotsInTheOrderOfRegistration) {
  const Whole whole;
  EXPECT_EQ(names(whole.named_parameters()),
            (std::vector<std::string>{"first", "part.scale", "last"}));
  EXPECT_EQ(names(whole.named_buffers()), (std::vector<std::string>{"mean"}));
  EXPECT_TRUE(whole.part->scale.requires_grad());
  EXPECT_FALSE(whole.mean.requires_grad());
}

TEST(Module, TrainAndEvalReachEveryPart) {
  Whole whole;
  EXPECT_TRUE(whole.part->is_training());
  whole.eval();
  EXPECT_FALSE(whole.is_training());
  EXPECT_FALSE(whole.part->is_training());
  whole.train();
  EXPECT_TRUE(whole.part->is_training());
}

TEST(Module, FrozenPartsAreSavedAndNotTrained) {
  Whole whole;
  whole.freeze();
  EXPECT_TRUE(whole.named_parameters().empty());
  EXPECT_EQ(names(whole.named_buffers()),
            (std::vector<std::string>{"first", "part.scale", "mean", "last"}));
  EXPECT_FALSE(whole.part->scale.requires_grad());
}

TEST(Module, FrozenInEvalStaysThereWhenTheWholeTrains) {
  Whole whole;
  whole.part->freeze_in_eval();
  whole.train();
  EXPECT_TRUE(whole.is_training());
  EXPECT_FALSE(whole.part->is_training());
  EXPECT_EQ(names(whole.named_parameters()), (std::vector<std::string>{"first", "last"}));
  EXPECT_EQ(names(whole.named_frozen()), (std::vector<std::string>{"part.scale"}));
  EXPECT_EQ(names(whole.named_buffers()), (std::vector<std::string>{"part.scale", "mean"}));
}

TEST(Module, ToChangesTheTensorsThatMembersHold) {
  Whole whole;
  whole.to(at::kDouble);
  EXPECT_EQ(whole.part->scale.scalar_type(), at::kDouble);
  EXPECT_EQ(whole.mean.scalar_type(), at::kDouble);
  EXPECT_TRUE(whole.first.requires_grad());
  whole.part->scale.sum().backward();
  EXPECT_EQ(whole.parameters()[1].grad().scalar_type(), at::kDouble);
}

TEST(Module, RefusesANameThatIsTakenOrHasADot) {
  Whole whole;
  EXPECT_THROW(whole.again(), Error);
  EXPECT_THROW(whole.dotted(), Error);
}

TEST(Module, InitialWeightsFollowTheSeedAndTheirBound) {
  torch::manual_seed(1);
  const Linear a(16, 64), c(16, 64);
  torch::manual_seed(1);
  const Linear b(16, 64);
  EXPECT_TRUE(at::equal(a.parameters()[0], b.parameters()[0]));
  EXPECT_FALSE(at::equal(a.parameters()[0], c.parameters()[0]));
  EXPECT_LE(a.parameters()[0].abs().max().item<float>(), 0.25f);
  EXPECT_GT(a.parameters()[0].abs().max().item<float>(), 0.24f);  // 1024 draws come near 1/sqrt(16)
}

}  // namespace
}  // namespace braid
