#include "braid/block/norm.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/block/embedding_table.h"
#include "braid/core/error.h"

namespace braid {
namespace {

TEST(BatchNorm, NormalisesByTheBatchAndRemembersATenthOfIt) {
  BatchNorm norm(1);
  const auto x =
      at::tensor({0.f, 2.f, 4.f, 6.f}).view({2, 1, 1, 2});  // mean 3, variance 5, unbiased 20/3
  const auto y = norm.forward(x);
  EXPECT_NEAR(y.flatten()[0].item<double>(), -3 / std::sqrt(5.0), 1e-5);
  EXPECT_NEAR(norm.named_buffers()[0].second.item<double>(), 0.3, 1e-6);
  EXPECT_NEAR(norm.named_buffers()[1].second.item<double>(), 0.9 + 2.0 / 3, 1e-6);
  norm.eval();
  EXPECT_NEAR(norm.forward(x).flatten()[0].item<double>(), -0.3 / std::sqrt(0.9 + 2.0 / 3), 1e-5);
}

TEST(BatchNorm, RefusesOneValueAChannelInTraining) {
  BatchNorm norm(2);
  EXPECT_THROW(norm.forward(at::ones({1, 2, 1, 1})), Error);
  norm.eval();
  EXPECT_NO_THROW(norm.forward(at::ones({1, 2, 1, 1})));
}

TEST(GroupNorm, NormalisesEachGroupOfEachSample) {
  GroupNorm norm(4, 2);
  const auto y = norm.forward(at::randn({3, 4, 5, 5}) * 7 + 3).view({6, 50});
  EXPECT_LE(y.mean(1).abs().max().item<double>(), 1e-5);
  EXPECT_LE((y.square().mean(1) - 1).abs().max().item<double>(), 1e-4);
  EXPECT_THROW(GroupNorm(6, 4), Error);
}

TEST(LayerNorm, NormalisesTheLastAxis) {
  const LayerNorm norm(2);
  const auto y = norm.forward(at::tensor({1.f, 3.f}));
  EXPECT_NEAR(y[0].item<double>(), -1, 1e-4);
  EXPECT_NEAR(y[1].item<double>(), 1, 1e-4);
}

TEST(EmbeddingTable, MeansAgreeWithThePlainPathInDouble) {
  EmbeddingTable table(7, 5);
  const auto ids = at::randint(0, 7, {4, 6}, at::kLong);
  auto mask = at::rand({4, 6}).gt(0.4);
  mask[2].fill_(false);
  const auto change = at::randn({4, 5});
  const auto run = [&](at::ScalarType dtype) {
    table.to(dtype);
    table.weight().mutable_grad() = at::Tensor();
    const auto means = table.mean(ids, mask, 0);
    (means * change.to(dtype)).sum().backward();
    return std::pair{means.detach().to(at::kDouble), table.weight().grad().to(at::kDouble)};
  };
  const auto [got, got_change] = run(at::kFloat);
  const auto [want, want_change] = run(at::kDouble);
  EXPECT_TRUE(at::allclose(got, want, 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(got_change, want_change, 1e-5, 1e-6));
  EXPECT_EQ(got[2].abs().sum().item<double>(), 0);
}

TEST(EmbeddingTable, DropsValuesOfMeansInTrainingOnly) {
  EmbeddingTable table(3, 64);
  const auto ids = at::zeros({1, 1}, at::kLong);
  const auto mask = at::ones({1, 1}, at::kBool);
  table.train(true);
  const auto dropped = table.mean(ids, mask, 0.5).eq(0).sum().item<int64_t>();
  EXPECT_GT(dropped, 10);  // of 64 at a half: 32 +- 4
  EXPECT_LT(dropped, 54);
  table.train(false);
  EXPECT_TRUE(at::equal(table.mean(ids, mask, 0.5)[0], table.weight()[0]));
}

TEST(EmbeddingTable, RefusesIdsOutsideTheTable) {
  const EmbeddingTable table(5, 2);
  EXPECT_THROW(table.forward(at::tensor({0, 5}, at::kLong)), Error);
  EXPECT_THROW(table.forward(at::tensor({-1, 2}, at::kLong)), Error);
  EXPECT_THROW(table.forward(at::tensor({1.f})), Error);
  EXPECT_TRUE(at::equal(table.forward(at::tensor({4}, at::kLong))[0], table.weight()[4]));
}

}  // namespace
}  // namespace braid
