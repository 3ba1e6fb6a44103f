#include "braid/kernel/linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/rng.h"

namespace braid {
namespace {

std::vector<float> draws(int64_t count, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (auto& v : values) v = static_cast<float>(rng.normal());
  return values;
}

// Sums of k products of unit normals in single precision: error of some k * 2^-24.
double tolerance(int64_t k) { return 1e-6 * (4 + static_cast<double>(k)); }

TEST(Linear, GivesTheHandWorkedProduct) {
  const std::vector<float> x = {1, 2, 3, 4}, w = {1, 0, 0, 1, 1, 1}, bias = {10, 20, 30};
  std::vector<float> y(6);
  linear_forward({2, 2, 3}, {x.data(), 2}, {w.data(), 2}, bias.data(), {y.data(), 3});
  EXPECT_EQ(y, (std::vector<float>{11, 22, 33, 13, 24, 37}));

  std::vector<float> dx(4), dw(6), db(3);
  const std::vector<float> dy = {1, 0, 2, 0, 1, 0};
  linear_backward_input({2, 2, 3}, {dy.data(), 3}, {w.data(), 2}, {dx.data(), 2});
  EXPECT_EQ(dx, (std::vector<float>{3, 2, 0, 1}));
  linear_backward_weight({2, 2, 3}, {dy.data(), 3}, {x.data(), 2}, {dw.data(), 2});
  EXPECT_EQ(dw, (std::vector<float>{1, 2, 3, 4, 2, 4}));
  linear_backward_bias({2, 2, 3}, {dy.data(), 3}, db.data());
  EXPECT_EQ(db, (std::vector<float>{1, 1, 2}));
}

struct Case {
  MatmulShape shape;
  int64_t pad;  // elements between rows, which nobody may touch
};

class MatmulAgainstRef : public testing::TestWithParam<Case> {};

TEST_P(MatmulAgainstRef, AgreesForEveryLayoutAndLeavesTheGapsAlone) {
  const auto [shape, pad] = GetParam();
  const auto [batch, m, k, n] = shape;
  for (int layout = 0; layout < 8; ++layout) {
    const bool a_turned = layout & 1, b_turned = layout & 2, with_bias = (layout & 4) && batch == 1;
    const int64_t a_lead = (a_turned ? m : k) + pad, b_lead = (b_turned ? k : n) + pad,
                  c_lead = n + pad;
    const int64_t a_size = a_lead * (a_turned ? k : m), b_size = b_lead * (b_turned ? n : k);
    const auto a = draws(batch * a_size, 1), b = draws(batch * b_size, 2), bias = draws(n, 3);
    const MatrixIn left{a.data(), a_turned ? 1 : a_lead, a_turned ? a_lead : 1, a_size};
    const MatrixIn right{b.data(), b_turned ? 1 : b_lead, b_turned ? b_lead : 1, b_size};
    std::vector<float> got(static_cast<size_t>(batch * m * c_lead), 7.0f), want = got;
    const float* added = with_bias ? bias.data() : nullptr;
    matmul(shape, left, right, added, {got.data(), c_lead, m * c_lead});
    matmul_ref(shape, left, right, added, {want.data(), c_lead, m * c_lead});
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_NEAR(got[i], want[i], tolerance(k)) << "layout " << layout << " at " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, MatmulAgainstRef,
                         testing::Values(Case{{1, 1, 1, 1}, 0}, Case{{1, 1, 7, 5}, 0},
                                         Case{{1, 5, 1, 3}, 2}, Case{{1, 17, 33, 1}, 3},
                                         Case{{1, 64, 48, 80}, 0}, Case{{1, 37, 41, 43}, 5},
                                         Case{{1, 0, 4, 4}, 0}, Case{{1, 4, 0, 4}, 1},
                                         Case{{1, 4, 4, 0}, 1}, Case{{0, 4, 4, 4}, 0},
                                         Case{{3, 1, 5, 2}, 0}, Case{{6, 9, 8, 9}, 0},
                                         Case{{2, 13, 16, 1}, 4}, Case{{1, 3, 1500, 1400}, 0},
                                         Case{{1, 1030, 24, 40}, 3}, Case{{1, 20, 1030, 9}, 1}));

TEST_P(MatmulAgainstRef, AddsToWhatIsThereWhereAsked) {
  const auto [shape, pad] = GetParam();
  const auto [batch, m, k, n] = shape;
  const auto a = draws(batch * m * k, 1), b = draws(batch * k * n, 2), bias = draws(n, 3);
  const int64_t lead = n + pad;
  auto got = draws(batch * m * lead, 4), want = got;
  const float* added = batch == 1 ? bias.data() : nullptr;
  const MatrixIn left{a.data(), k, 1, m * k}, right{b.data(), n, 1, k * n};
  matmul(shape, left, right, added, {got.data(), lead, m * lead, true});
  matmul_ref(shape, left, right, added, {want.data(), lead, m * lead, true});
  for (size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want[i], tolerance(k)) << i;
}

TEST_P(MatmulAgainstRef, MultipliesBfloat16AsTheRefDoes) {
  if (!has_bf16()) GTEST_SKIP() << "this processor does not multiply bfloat16";
  const auto [shape, pad] = GetParam();
  const auto [batch, m, k, n] = shape;
  const auto a = draws(batch * m * k, 1), b = draws(batch * k * n, 2), bias = draws(n, 3);
  const int64_t lead = n + pad;
  std::vector<float> got(static_cast<size_t>(batch * m * lead), 7.0f), want = got;
  const float* added = batch == 1 ? bias.data() : nullptr;
  for (const bool turned : {false, true}) {
    const MatrixIn left{a.data(), turned ? 1 : k, turned ? m : 1, m * k};
    const MatrixIn right{b.data(), turned ? 1 : n, turned ? k : 1, k * n};
    matmul(shape, left, right, added, {got.data(), lead, m * lead}, Precision::kBf16);
    matmul_ref(shape, left, right, added, {want.data(), lead, m * lead}, Precision::kBf16);
    for (size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want[i], tolerance(k)) << i;
  }
}

TEST(Matmul, RoundsFactorsToBfloat16WhereAsked) {
  if (!has_bf16()) GTEST_SKIP() << "this processor does not multiply bfloat16";
  const float a = 1.00390625f, b = 1.01171875f;  // 1 + 2^-8 and 1 + 3 * 2^-8: ties, to even
  float c = 0;
  matmul({1, 1, 1, 1}, {&a, 1}, {&b, 1}, nullptr, {&c, 1}, Precision::kBf16);
  EXPECT_EQ(c, 1.0f * 1.015625f);
}

TEST(Matmul, IsTheSameToTheBitFromManyThreadsAndAgain) {
  const MatmulShape shape{1, 96, 64, 72};
  const auto a = draws(96 * 64, 1), b = draws(64 * 72, 2);
  const auto run = [&] {
    std::vector<float> c(96 * 72);
    matmul(shape, {a.data(), 64, 1, 0}, {b.data(), 72, 1, 0}, nullptr, {c.data(), 72, 0});
    return c;
  };
  const auto want = run();
  std::vector<std::vector<float>> got(4);
  std::vector<std::thread> threads;
  for (auto& result : got) threads.emplace_back([&] { result = run(); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : got) EXPECT_EQ(result, want);
}

TEST(Matmul, RefusesWhatItCannotRead) {
  std::vector<float> x(64), y(64);
  const MatrixOut out{y.data(), 4, 16};
  const auto fails = [&](const MatmulShape& shape, MatrixIn a, const float* bias) {
    try {
      matmul(shape, a, {x.data(), 4, 1, 16}, bias, out);
    } catch (const Error& error) {
      return error.code() == ErrorCode::kShape;
    }
    return false;
  };
  EXPECT_TRUE(fails({1, -1, 4, 4}, {x.data(), 4, 1, 16}, nullptr));
  EXPECT_TRUE(fails({1, 4, 4, 4}, {x.data(), 0, 0, 16}, nullptr));  // an expanded scalar
  EXPECT_TRUE(fails({1, 4, 4, 4}, {x.data(), 3, 1, 16}, nullptr));  // rows overlap
  EXPECT_TRUE(fails({1, 4, 4, 4}, {x.data(), 8, 2, 16}, nullptr));  // gaps in both axes
  EXPECT_TRUE(fails({2, 4, 4, 4}, {x.data(), 4, 1, 8}, nullptr));   // matrices overlap
  EXPECT_TRUE(fails({2, 4, 4, 4}, {x.data(), 4, 1, 16}, x.data()));
}

}  // namespace
}  // namespace braid
