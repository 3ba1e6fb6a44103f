#include "braid/kernel/linear.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

#include "braid/core/error.h"
#include "braid/kernel/dnnl_product.h"
#include "tests/kernel/draws.h"

namespace braid {
namespace {

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

// [rows, columns] with gaps of 77 between rows.
struct Gapped {
  Gapped(int64_t rows, int64_t columns, int64_t gap, uint64_t seed)
      : stride(columns + gap), values(static_cast<size_t>(rows * stride), 77) {
    const auto drawn = draws(rows * columns, seed);
    for (int64_t r = 0; r < rows; ++r)
      std::copy_n(drawn.begin() + r * columns, columns, values.begin() + r * stride);
  }
  double at(int64_t r, int64_t c) const { return values[static_cast<size_t>(r * stride + c)]; }
  RowsIn in() const { return {values.data(), stride}; }
  RowsOut out() { return {values.data(), stride}; }

  int64_t stride;
  std::vector<float> values;
};

TEST(Linear, AgreesWithPlainSumsOnOddEmptyAndStridedShapes) {
  for (const LinearShape& s :
       {LinearShape{1, 1, 1}, LinearShape{7, 5, 3}, LinearShape{33, 17, 1}, LinearShape{0, 4, 6},
        LinearShape{5, 0, 4}, LinearShape{1100, 9, 13}, LinearShape{19, 1, 40}}) {
    for (const int64_t gap : {0, 3}) {
      const Gapped x(s.rows, s.in, gap, 1), w(s.out, s.in, gap, 2), dy(s.rows, s.out, gap, 3);
      const auto bias = draws(s.out, 4);
      Gapped y(s.rows, s.out, gap, 5), dx(s.rows, s.in, gap, 6), dw(s.out, s.in, gap, 7);
      std::vector<float> db(static_cast<size_t>(s.out), 9);
      linear_forward(s, x.in(), w.in(), bias.data(), y.out());
      linear_backward_input(s, dy.in(), w.in(), dx.out());
      linear_backward_weight(s, dy.in(), x.in(), dw.out());
      linear_backward_bias(s, dy.in(), db.data());
      const auto expect = [&](const Gapped& got, int64_t rows, int64_t columns, int64_t terms,
                              const auto& wanted) {
        for (int64_t r = 0; r < rows; ++r) {
          for (int64_t c = 0; c < columns; ++c) {
            double sum = 0;
            for (int64_t t = 0; t < terms; ++t) sum += wanted(r, c, t);
            ASSERT_NEAR(got.at(r, c), sum, tolerance(terms)) << s.rows << ' ' << r << ' ' << c;
          }
          for (int64_t c = columns; c < columns + gap; ++c) ASSERT_EQ(got.at(r, c), 77);
        }
      };
      expect(y, s.rows, s.out, s.in + 1, [&](int64_t r, int64_t o, int64_t i) {
        return i == s.in ? bias[static_cast<size_t>(o)] : x.at(r, i) * w.at(o, i);
      });
      expect(dx, s.rows, s.in, s.out,
             [&](int64_t r, int64_t i, int64_t o) { return dy.at(r, o) * w.at(o, i); });
      expect(dw, s.out, s.in, s.rows,
             [&](int64_t o, int64_t i, int64_t r) { return dy.at(r, o) * x.at(r, i); });
      for (int64_t o = 0; o < s.out; ++o) {
        double sum = 0;
        for (int64_t r = 0; r < s.rows; ++r) sum += dy.at(r, o);
        ASSERT_NEAR(db[static_cast<size_t>(o)], sum, tolerance(s.rows));
      }
    }
  }
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

// Whatever the rule of shapes picks on this or another machine.
TEST_P(MatmulAgainstRef, AgreesInEveryWayOfOneDnn) {
  const auto [shape, pad] = GetParam();
  const auto [batch, m, k, n] = shape;
  if (batch != 1 || m * k * n == 0) return;  // copies are for one matrix; matmul keeps nothing away
  const int64_t c_lead = n + (n > 1 ? pad : 0);  // one column with gaps: matmul_dnnl
  for (int layout = 0; layout < 4; ++layout) {
    const bool a_turned = layout & 1, b_turned = layout & 2;
    const int64_t a_lead = (a_turned ? m : k) + pad, b_lead = (b_turned ? k : n) + pad;
    const auto a = draws(a_lead * (a_turned ? k : m), 1), b = draws(b_lead * (b_turned ? n : k), 2);
    const auto bias = draws(n, 3), there = draws(m * c_lead, 4);
    const auto left =
        checked_matrix("a", {a.data(), a_turned ? 1 : a_lead, a_turned ? a_lead : 1}, m, k, 1);
    const auto right =
        checked_matrix("b", {b.data(), b_turned ? 1 : b_lead, b_turned ? b_lead : 1}, k, n, 1);
    for (const bool add : {false, true}) {
      auto want = there;
      matmul_ref(shape, left, right, bias.data(), {want.data(), c_lead, 0, add});
      for (const auto way : {DnnlWay::kSgemm, DnnlWay::kPlain, DnnlWay::kPackedB}) {
        auto got = there;
        run_dnnl(way, shape, left, right, bias.data(), {got.data(), c_lead, 0, add});
        for (size_t i = 0; i < got.size(); ++i) {
          ASSERT_NEAR(got[i], want[i], tolerance(k))
              << "way " << static_cast<int>(way) << ", layout " << layout << " at " << i;
        }
      }
    }
  }
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
