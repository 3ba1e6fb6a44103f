#include "braid/kernel/norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "braid/core/rng.h"
#include "simd_targets.h"

namespace braid {
namespace {

std::vector<float> shifted_normals(int64_t count, uint64_t seed, double mean) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (auto& value : values) value = static_cast<float>(mean + rng.normal());
  return values;
}

TEST(Norm, GivesTheHandWorkedRow) {
  // Mean 2, variance 1: units -1 and 1. With g = (2, 0): mean 1, mean(g x^) = -1, dx = 0.
  const float x[] = {1, 3}, w[] = {2, 3}, b[] = {10, 20}, dy[] = {1, 0};
  float y[2], mean, scale, dx[2], dwb[4];
  on_every_simd([&] {
    norm_forward(1, 2, {x, w, b, 0, y, &mean, &scale});
    EXPECT_EQ(y[0], 8);
    EXPECT_EQ(y[1], 23);
    norm_backward(1, 2, {x, w, &mean, &scale, dy, dx, dwb});
    EXPECT_EQ(dx[0], 0);
    EXPECT_EQ(dx[1], 0);
    EXPECT_EQ(dwb[0], -1);
    EXPECT_EQ(dwb[1], 0);
    EXPECT_EQ(dwb[2], 1);
    EXPECT_EQ(dwb[3], 0);
  });
}

TEST(Norm, AgreesWithTheReferenceForOddSizes) {
  on_every_simd([&] {
    for (const int64_t rows : {0, 1, 33, 300}) {
      for (const int64_t width : {1, 5, 16, 77, 384}) {
        const auto x = shifted_normals(rows * width, 1, 3), w = shifted_normals(width, 2, 1),
                   b = shifted_normals(width, 3, 0), dy = shifted_normals(rows * width, 4, 0);
        std::vector<float> y(x.size()), mean(static_cast<size_t>(rows)), scale(mean), dx(x.size()),
            dwb(static_cast<size_t>(2 * width), 7);
        auto wanted_y = y, wanted_mean = mean, wanted_scale = scale, wanted_dx = dx,
             wanted_dwb = dwb;
        norm_forward(rows, width,
                     {x.data(), w.data(), b.data(), 1e-5, y.data(), mean.data(), scale.data()});
        norm_forward_ref(rows, width,
                         {x.data(), w.data(), b.data(), 1e-5, wanted_y.data(), wanted_mean.data(),
                          wanted_scale.data()});
        // Values of up to 6, divided by a deviation of 1 (of sqrt(eps) at width 1, where x - mean
        // is 0): a few units of 2^-24 each.
        for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], wanted_y[i], 2e-5);
        norm_backward(rows, width,
                      {x.data(), w.data(), wanted_mean.data(), wanted_scale.data(), dy.data(),
                       dx.data(), dwb.data()});
        norm_backward_ref(rows, width,
                          {x.data(), w.data(), wanted_mean.data(), wanted_scale.data(), dy.data(),
                           wanted_dx.data(), wanted_dwb.data()});
        for (size_t i = 0; i < dx.size(); ++i)
          ASSERT_NEAR(dx[i], wanted_dx[i],
                      2e-6 * (1 + wanted_scale[i / static_cast<size_t>(width)]) * 5);
        for (size_t c = 0; c < dwb.size(); ++c)
          ASSERT_NEAR(dwb[c], wanted_dwb[c], 1e-6 * (4 + static_cast<double>(rows)));
        auto in_place = dy;
        norm_backward(rows, width,
                      {x.data(), w.data(), wanted_mean.data(), wanted_scale.data(), in_place.data(),
                       in_place.data(), dwb.data()});
        EXPECT_EQ(in_place, dx);
      }
    }
  });
}

}  // namespace
}  // namespace braid
