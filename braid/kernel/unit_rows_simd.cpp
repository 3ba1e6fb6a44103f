#include "braid/kernel/unit_rows.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/unit_rows_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

HWY_INLINE float dot(int64_t width, const float* a, const float* b) {
  auto sum = hn::Zero(FloatTag());
  for_vectors(width,
              [&](const auto& lanes) { sum = hn::MulAdd(lanes.load(a), lanes.load(b), sum); });
  return sum_lanes(sum);
}

void unit_row_here(int64_t width, const float* x, float* y, float* scale) {
  const double length = std::sqrt(static_cast<double>(dot(width, x, x)));
  // The comparison is false for NaN, which stays.
  *scale = static_cast<float>(1 / (length < kShortestRow ? kShortestRow : length));
  const auto factor = hn::Set(FloatTag(), *scale);
  for_vectors(width,
              [&](const auto& lanes) { lanes.store(hn::Mul(lanes.load(x), factor), y); });
}

void unit_gradient_here(int64_t width, const float* y, float scale, const float* dy, float* dx) {
  const FloatTag d;
  const bool has_direction = !(scale >= static_cast<float>(1 / kShortestRow));
  const auto along = hn::Set(d, has_direction ? dot(width, y, dy) : 0.0f);
  const auto factor = hn::Set(d, scale);
  for_vectors(width, [&](const auto& lanes) {
    const auto across = hn::NegMulAdd(lanes.load(y), along, lanes.load(dy));
    lanes.store(hn::Mul(across, factor), dx);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(unit_row_here);
HWY_EXPORT(unit_gradient_here);

constexpr int64_t kWorthThreads = 1 << 16;  // numbers

void unit_rows_forward(int64_t rows, int64_t width, const float* x, float* y, float* scale) {
#pragma omp parallel for schedule(static) if (rows * width > kWorthThreads)
  for (int64_t r = 0; r < rows; ++r)
    HWY_DYNAMIC_DISPATCH(unit_row_here)(width, x + r * width, y + r * width, scale + r);
}

void unit_rows_backward(int64_t rows, int64_t width, const float* y, const float* scale,
                        const float* dy, float* dx) {
#pragma omp parallel for schedule(static) if (rows * width > kWorthThreads)
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t at = r * width;
    HWY_DYNAMIC_DISPATCH(unit_gradient_here)(width, y + at, scale[r], dy + at, dx + at);
  }
}

}  // namespace braid
#endif
