// Attention that sees no future, and the form of attention that shows its weights.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "braid/block/attention.h"
#include "braid/block/cross_attention.h"

namespace braid {
namespace {

void expect_causal_near(const at::Tensor& got, const at::Tensor& want, double tolerance = 1e-6) {
  ASSERT_EQ(got.sizes(), want.sizes());
  if (got.numel() == 0) return;
  // Not EXPECT_LE on the difference alone: NaN must fail.
  EXPECT_TRUE(((got - want).abs() <= tolerance).all().item<bool>()) << got << "\nwant\n" << want;
}

// Samples of 4 with a hole, 1, none, 5 and 2 rows.
Segments causal_segments() {
  auto mask = at::zeros({5, 5}, at::kBool);
  for (const auto& [b, length] : {std::pair{0, 5}, {1, 1}, {3, 5}, {4, 2}})
    mask[b].slice(0, 0, length).fill_(true);
  mask[0][2] = false;
  return Segments::of_mask(mask);
}

// The second row as in AttendAcross.GivesTheHandWorkedMeanAndWeights; the first sees itself alone.
TEST(CausalAttention, GivesTheHandWorkedMeans) {
  const float log3 = std::log(3.f);
  const auto qkv = at::tensor({9.f, 9.f, 9.f, 9.f, 0.f, 5.f, 0.f, 0.f, 4.f, 0.f, 8.f, 0.f,  //
                               2.f, 0.f, 0.f, 0.f, log3, 0.f, 0.f, 7.f, 0.f, 4.f, 8.f, 0.f})
                       .view({2, 12});
  const auto want = at::tensor({4.f, 0.f, 8.f, 0.f, 1.f, 3.f, 8.f, 0.f}).view({2, 4});
  const auto two = Segments::uniform(1, 2);
  expect_causal_near(attend_rows(qkv, two, 1, 0, nullptr, true), want);
  at::Tensor weights;
  expect_causal_near(attend_rows(qkv, two, 1, 0, &weights, true), want);
  expect_causal_near(weights, at::tensor({1.f, 0.f, 0.25f, 0.75f}).view({1, 2, 2}));
  const auto padded = qkv.view({1, 2, 12});
  const auto part = [&](int64_t i) { return padded.narrow(2, 4 * i, 4); };
  expect_causal_near(attend(part(0), part(1), part(2), {}, 0, nullptr, true).view({2, 4}), want);
}

TEST(CausalAttention, KernelAndPlainPathAgreeWithTheirGradients) {
  at::manual_seed(2);
  for (const auto& segments : {causal_segments(), Segments::uniform(3, 4), Segments::uniform(2, 1),
                               Segments::uniform(1, 70)}) {
    const auto qkv = at::randn({segments.rows(), 3 * 10});
    const auto mix = at::randn({segments.rows(), 10});
    auto single = qkv.clone().requires_grad_(), shown = qkv.clone().requires_grad_();
    auto twice = qkv.to(at::kDouble).requires_grad_();  // takes torch's operators, padded
    at::Tensor weights;
    const auto got = attend_rows(single, segments, 2, 0, nullptr, true);
    const auto plain = attend_rows(shown, segments, 2, 0, &weights, true);
    const auto want = attend_rows(twice, segments, 2, 0, nullptr, true);
    expect_causal_near(got, want.to(at::kFloat), 2e-6);
    expect_causal_near(plain, want.to(at::kFloat), 2e-6);
    for (const auto& out : {got, plain, want}) (out * mix).sum().backward();
    expect_causal_near(single.grad(), twice.grad().to(at::kFloat), 5e-6);
    expect_causal_near(shown.grad(), twice.grad().to(at::kFloat), 5e-6);
    const auto future = at::ones({segments.steps(), segments.steps()}, at::kBool).triu(1);
    EXPECT_EQ(weights.masked_fill(future.logical_not(), 0).abs().max().item<float>(), 0);
    EXPECT_NEAR(weights.sum().item<double>(), static_cast<double>(segments.rows()), 1e-4);
  }
}

TEST(CausalAttention, FiniteDifferencesAgreeWithTheGradient) {
  at::manual_seed(3);
  const auto segments = causal_segments();
  auto qkv = at::randn({segments.rows(), 12}, at::kDouble).requires_grad_();
  const auto mix = at::randn({segments.rows(), 4}, at::kDouble);
  const auto loss = [&] {
    return (attend_rows(qkv, segments, 2, 0, nullptr, true) * mix).sum();
  };
  loss().backward();
  const at::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (int draw = 0; draw < 3; ++draw) {
    const auto direction = at::randn_like(qkv);
    const double want = (qkv.grad() * direction).sum().item<double>();
    qkv.add_(direction, kStep);
    const double high = loss().item<double>();
    qkv.sub_(direction, 2 * kStep);
    const double low = loss().item<double>();
    qkv.add_(direction, kStep);
    EXPECT_NEAR((high - low) / (2 * kStep), want, 1e-6 * (1 + std::abs(want)));
  }
}

TEST(CausalAttention, ARowDependsOnNoLaterRowNorOnOtherSamples) {
  at::manual_seed(4);
  const auto segments = causal_segments();
  const auto qkv = at::randn({segments.rows(), 12});
  const auto want = attend_rows(qkv, segments, 2, 0, nullptr, true);
  for (int64_t row = 0; row < segments.rows(); ++row) {
    auto other = qkv.clone();
    other[row] += 1;
    const auto moved =
        (attend_rows(other, segments, 2, 0, nullptr, true) - want).abs().amax(1);  // [N]
    const auto& offsets = segments.offsets();
    const auto end = *std::upper_bound(offsets.begin(), offsets.end(), row);
    for (int64_t i = 0; i < segments.rows(); ++i)
      EXPECT_EQ(moved[i].item<float>() > 0, i >= row && i < end) << row << " moves " << i;
  }
}

TEST(CausalAttention, DropoutLetsNoFutureIn) {
  const auto segments = causal_segments();
  at::manual_seed(4);
  const auto qkv = at::randn({segments.rows(), 12});
  const auto dropped = [&](const at::Tensor& x) {
    at::manual_seed(5);
    return attend_rows(x, segments, 2, 0.5, nullptr, true);
  };
  auto other = qkv.clone();
  other[3] += 1;  // the last row of the first sample
  const auto a = dropped(qkv), b = dropped(other);
  EXPECT_TRUE(at::equal(a.narrow(0, 0, 3), b.narrow(0, 0, 3)));
  EXPECT_FALSE(at::equal(a, attend_rows(qkv, segments, 2, 0, nullptr, true)));
}

// Queries 3, none, 1, 2; keys 2, 1, none, 4.
struct SeenSets {
  Segments queries = Segments::of_lengths({3, 0, 1, 2}, at::kCPU);
  Segments keys = Segments::of_lengths({2, 1, 0, 4}, at::kCPU);
};

TEST(AttendSeen, EqualsAttendAcrossWithItsGradients) {
  at::manual_seed(6);
  const SeenSets sets;
  for (const bool causal : {false, true}) {
    const auto q = at::randn({6, 10}), kv = at::randn({7, 20}), mix = at::randn({6, 10});
    auto q1 = q.clone().requires_grad_(), kv1 = kv.clone().requires_grad_();
    auto q2 = q.clone().requires_grad_(), kv2 = kv.clone().requires_grad_();
    at::Tensor weights;
    const auto want = attend_across(q1, kv1, sets.queries, sets.keys, 2, 0, nullptr, causal);
    const auto got = attend_seen(q2, kv2, sets.queries, sets.keys, 2, 0, &weights, causal);
    expect_causal_near(got, want);
    (want * mix).sum().backward();
    (got * mix).sum().backward();
    expect_causal_near(q2.grad(), q1.grad());
    expect_causal_near(kv2.grad(), kv1.grad());
  }
}

TEST(AttendSeen, WeightsOfEachHeadMeanToThoseOfAttendAcross) {
  at::manual_seed(6);
  const SeenSets sets;
  const auto q = at::randn({6, 10}), kv = at::randn({7, 20});
  for (const bool causal : {false, true}) {
    at::Tensor seen, mean;
    attend_seen(q, kv, sets.queries, sets.keys, 2, 0, &seen, causal);
    attend_across(q, kv, sets.queries, sets.keys, 2, 0, &mean, causal);
    ASSERT_EQ(seen.sizes(), (std::vector<int64_t>{4 * 2, 3, 4}));
    const auto real = sets.queries.mask().unsqueeze(2);
    expect_causal_near(seen.view({4, 2, 3, 4}).mean(1).masked_fill(real.logical_not(), 0), mean);
  }
}

TEST(AttendSeen, GradientsFlowThroughTheWeights) {
  at::manual_seed(7);
  const SeenSets sets;
  auto q = at::randn({6, 4}).requires_grad_();
  const auto kv = at::randn({7, 8});
  at::Tensor weights;
  attend_seen(q, kv, sets.queries, sets.keys, 1, 0, &weights);
  ASSERT_TRUE(weights.requires_grad());
  weights[3][0][2].backward();  // how the first query of the last sample looks at its third key
  EXPECT_GT(q.grad()[4].abs().max().item<float>(), 0);
  for (const int64_t row : {0, 1, 2, 3, 5}) EXPECT_EQ(q.grad()[row].abs().max().item<float>(), 0);
}

}  // namespace
}  // namespace braid
