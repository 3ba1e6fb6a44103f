#include "braid/block/norm.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/block/conv.h"
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

TEST(Conv2d, SumsItsNeighboursAndPadsWithZeros) {
  Conv2d conv(1, 1, 3, 1);
  const at::NoGradGuard no_grad;
  conv.parameters()[0].fill_(1);
  const auto y = conv.forward(at::ones({1, 1, 3, 3}));
  EXPECT_EQ(y[0][0][1][1].item<float>(), 9);
  EXPECT_EQ(y[0][0][0][0].item<float>(), 4);
  EXPECT_EQ(conv.flops(3, 3), 2 * 9 * 9);
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
