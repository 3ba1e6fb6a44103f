#include "braid/kernel/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "braid/core/rng.h"
#include "simd_targets.h"

namespace braid {
namespace {

std::vector<float> wide_normals(int64_t count, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (auto& value : values) value = static_cast<float>(2 * rng.normal());
  return values;
}

TEST(Gelu, GivesTheKnownValues) {
  // x P(x) with P(1) = 0.841344746, P(-2) = 0.022750132.
  const std::vector<float> x = {0, 1, -2, 30, -30};
  std::vector<float> y(5);
  on_every_simd([&] {
    gelu_forward(5, x.data(), y.data());
    EXPECT_EQ(y[0], 0);
    EXPECT_NEAR(y[1], 0.841344746, 2e-7);
    EXPECT_NEAR(y[2], -0.045500264, 4e-7);
    EXPECT_EQ(y[3], 30);
    EXPECT_NEAR(y[4], 0, 1e-30);
  });
}

TEST(Gelu, StaysOnTheReferenceOverTheWholeRange) {
  std::vector<float> x;
  for (float value = -12; value < 12; value += 0.0037f) x.push_back(value);
  std::vector<float> got(x.size()), want(x.size());
  const auto n = static_cast<int64_t>(x.size());
  gelu_forward_ref(n, x.data(), want.data());
  on_every_simd([&] {
    gelu_forward(n, x.data(), got.data());
    // P errs by 0.75e-7 by its formula and as much by rounding.
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_NEAR(got[i], want[i], 2e-7 * std::max(1.0f, std::abs(x[i]))) << x[i];
  });
}

TEST(Gelu, BackwardGivesSlopeValueAndBiasForOddSizes) {
  on_every_simd([&] {
    for (const int64_t rows : {0, 1, 15, 33, 1100}) {
      for (const int64_t width : {1, 7, 16, 50}) {
        const auto x = wide_normals(rows * width, 1), dy = wide_normals(rows * width, 2);
        std::vector<float> dx(x.size()), y(x.size()), db(static_cast<size_t>(width), 7);
        auto wanted_dx = dx, wanted_y = y, wanted_db = db;
        gelu_backward(rows, width, {x.data(), dy.data(), dx.data(), y.data(), db.data()});
        gelu_backward_ref(
            rows, width,
            {x.data(), dy.data(), wanted_dx.data(), wanted_y.data(), wanted_db.data()});
        for (size_t i = 0; i < x.size(); ++i) {
          ASSERT_NEAR(dx[i], wanted_dx[i], 4e-7 * (1 + std::abs(dy[i]))) << x[i];
          ASSERT_NEAR(y[i], wanted_y[i], 4e-7 * (1 + std::abs(x[i])));
        }
        // Sums of `rows` terms of about 2 in float.
        for (size_t c = 0; c < db.size(); ++c)
          ASSERT_NEAR(db[c], wanted_db[c], 1e-6 * (1 + static_cast<double>(rows)));
        auto in_place = dy;
        gelu_backward(rows, width, {x.data(), in_place.data(), in_place.data(), nullptr, nullptr});
        EXPECT_EQ(in_place, dx);
        auto values = x;  // y in the place of x
        in_place = dy;
        gelu_backward(rows, width,
                      {values.data(), in_place.data(), in_place.data(), values.data(), nullptr});
        EXPECT_EQ(in_place, dx);
        EXPECT_EQ(values, y);
      }
    }
  });
}

TEST(Gelu, ForwardInPlaceGivesTheSameForOddAndNoSizes) {
  on_every_simd([&] {
    for (const int64_t n : {0, 1, 15, 17, 16384, 40001}) {  // a thread takes 16384
      const auto x = wide_normals(n, 3);
      std::vector<float> y(x.size()), want(x.size());
      gelu_forward(n, x.data(), y.data());
      gelu_forward_ref(n, x.data(), want.data());
      for (size_t i = 0; i < x.size(); ++i)
        ASSERT_NEAR(y[i], want[i], 2e-7 * std::max(1.0f, std::abs(x[i]))) << x[i];
      auto in_place = x;
      gelu_forward(n, in_place.data(), in_place.data());
      EXPECT_EQ(in_place, y);
    }
  });
}

TEST(Gelu, ABrokenValueStaysBroken) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {1, nan, 1};
  std::vector<float> y(3);
  on_every_simd([&] {
    gelu_forward(3, x.data(), y.data());
    EXPECT_TRUE(std::isnan(y[1]));
    EXPECT_EQ(y[0], y[2]);
  });
}

TEST(ColumnSums, AddRowsWithGapsBetween) {
  const auto x = wide_normals(200 * 9, 1);
  on_every_simd([&] {
    for (const int64_t rows : {0, 1, 17, 200}) {
      std::vector<float> sums(7, 5);
      column_sums(rows, 7, x.data(), 9, sums.data());
      for (int64_t c = 0; c < 7; ++c) {
        double want = 0;
        for (int64_t r = 0; r < rows; ++r) want += x[static_cast<size_t>(r * 9 + c)];
        EXPECT_NEAR(sums[static_cast<size_t>(c)], want, 1e-4);  // 200 terms of 2 in float
      }
    }
  });
}

}  // namespace
}  // namespace braid
