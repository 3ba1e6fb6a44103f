#include "braid/kernel/unit_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernel/draws.h"
#include "tests/kernel/simd_targets.h"

namespace braid {
namespace {

TEST(UnitRows, GivesTheHandWorkedRow) {
  const std::vector<float> x = {3, 4}, dy = {1, 0};
  std::vector<float> y(2), dx(2);
  float scale = 0;
  unit_rows_forward(1, 2, x.data(), y.data(), &scale);
  EXPECT_FLOAT_EQ(y[0], 0.6f);
  EXPECT_FLOAT_EQ(y[1], 0.8f);
  EXPECT_FLOAT_EQ(scale, 0.2f);
  unit_rows_backward(1, 2, y.data(), &scale, dy.data(), dx.data());
  EXPECT_FLOAT_EQ(dx[0], 0.128f);   // (1 - 0.36) / 5
  EXPECT_FLOAT_EQ(dx[1], -0.096f);  // -0.48 / 5
}

TEST(UnitRows, AgreesWithTheReferenceOnOddAndEmptyShapes) {
  for (const auto& [rows, width] : {std::pair<int64_t, int64_t>{1, 1},
                                    {0, 5},
                                    {4, 0},
                                    {3, 7},
                                    {5, 16},
                                    {9, 33},
                                    {300, 256}}) {
    SCOPED_TRACE(::testing::Message() << rows << " x " << width);
    auto x = draws(rows * width, 1);
    const auto dy = draws(rows * width, 2);
    if (rows == 9) std::fill_n(x.begin(), 2 * width, 0.0f);  // rows of zeros
    std::vector<float> y(x.size()), dx(x.size()), scale(static_cast<size_t>(rows));
    unit_rows_forward_ref(rows, width, x.data(), y.data(), scale.data());
    unit_rows_backward_ref(rows, width, y.data(), scale.data(), dy.data(), dx.data());
    on_every_simd([&] {
      std::vector<float> got(x.size(), 77), got_scale(scale.size(), 77), got_dx(x.size(), 77);
      unit_rows_forward(rows, width, x.data(), got.data(), got_scale.data());
      unit_rows_backward(rows, width, y.data(), scale.data(), dy.data(), got_dx.data());
      for (size_t i = 0; i < scale.size(); ++i)
        ASSERT_NEAR(got_scale[i], scale[i], 1e-5 * scale[i]) << i;
      for (size_t i = 0; i < x.size(); ++i) {
        ASSERT_NEAR(got[i], y[i], 1e-6) << i;
        ASSERT_NEAR(got_dx[i], dx[i], 1e-5 * std::max(1.0f, std::abs(dx[i]))) << i;
      }
    });
  }
}

TEST(UnitRows, DoesNotHideWhatIsNoNumber) {
  const std::vector<float> x = {1, std::numeric_limits<float>::quiet_NaN()};
  std::vector<float> y(2);
  float scale = 0;
  unit_rows_forward(1, 2, x.data(), y.data(), &scale);
  EXPECT_TRUE(std::isnan(y[0]));
}

}  // namespace
}  // namespace braid
