#include "braid/kernel/contrastive.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/contrastive_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

float contrastive_max_here(const float* row, int64_t n, float* column_max) {
  const FloatTag d;
  const int64_t lanes = lane_count();
  auto most = hn::Set(d, kNeverScore);
  int64_t j = 0;
  for (; j + lanes <= n; j += lanes) {
    const auto s = hn::LoadU(d, row + j);
    most = hn::Max(most, s);
    hn::StoreU(hn::Max(hn::LoadU(d, column_max + j), s), d, column_max + j);
  }
  float result = hn::GetLane(hn::MaxOfLanes(d, most));
  for (; j < n; ++j) {
    if (row[j] > result) result = row[j];
    if (row[j] > column_max[j]) column_max[j] = row[j];
  }
  return result;
}

float contrastive_sum_here(const float* row, int64_t n, float row_max, const float* column_max,
                           float* column_sum) {
  const FloatTag d;
  const auto shift = hn::Set(d, row_max);
  auto total = hn::Zero(d);
  for_vectors(n, [&](const auto& lanes) {
    const auto s = lanes.load(row);
    total = hn::Add(total, lanes.only(exp_small(hn::Sub(s, shift))));
    const auto e = exp_small(hn::Sub(s, lanes.load(column_max)));
    lanes.store(hn::Add(lanes.load(column_sum), e), column_sum);
  });
  return sum_lanes(total);
}

void contrastive_slope_here(const float* row, int64_t n, float row_log_sum,
                            const float* column_log_sum, float weight, float* out) {
  const FloatTag d;
  const auto shift = hn::Set(d, row_log_sum), factor = hn::Set(d, weight);
  for_vectors(n, [&](const auto& lanes) {
    const auto s = lanes.load(row);
    const auto sum =
        hn::Add(exp_small(hn::Sub(s, shift)), exp_small(hn::Sub(s, lanes.load(column_log_sum))));
    lanes.store(hn::Mul(factor, sum), out);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(contrastive_max_here);
HWY_EXPORT(contrastive_sum_here);
HWY_EXPORT(contrastive_slope_here);

float contrastive_max(const float* row, int64_t n, float* column_max) {
  return HWY_DYNAMIC_DISPATCH(contrastive_max_here)(row, n, column_max);
}
float contrastive_sum(const float* row, int64_t n, float row_max, const float* column_max,
                      float* column_sum) {
  return HWY_DYNAMIC_DISPATCH(contrastive_sum_here)(row, n, row_max, column_max, column_sum);
}
void contrastive_slope(const float* row, int64_t n, float row_log_sum, const float* column_log_sum,
                       float weight, float* out) {
  HWY_DYNAMIC_DISPATCH(contrastive_slope_here)(row, n, row_log_sum, column_log_sum, weight, out);
}

}  // namespace braid
#endif
