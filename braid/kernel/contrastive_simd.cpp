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

// Calls step(j, load, store) for whole vectors, then once for what is left.
template <class Step>
HWY_INLINE void for_vectors(int64_t n, const Step& step) {
  const FloatTag d;
  const int64_t lanes = lane_count();
  int64_t j = 0;
  const auto whole = [&](const float* from) { return hn::LoadU(d, from + j); };
  const auto keep = [&](Floats x, float* to) { hn::StoreU(x, d, to + j); };
  for (; j + lanes <= n; j += lanes) step(whole, keep);
  if (j == n) return;
  step([&](const float* from) { return load_some(from + j, n - j); },
       [&](Floats x, float* to) { store_some(x, to + j, n - j); });
}

float contrastive_sum_here(const float* row, int64_t n, float row_max, const float* column_max,
                           float* column_sum) {
  const FloatTag d;
  const auto shift = hn::Set(d, row_max);
  auto total = hn::Zero(d);
  const int64_t lanes = lane_count(), whole = n / lanes * lanes;
  for (int64_t j = 0; j < whole; j += lanes) {
    const auto s = hn::LoadU(d, row + j);
    total = hn::Add(total, exp_small(hn::Sub(s, shift)));
    const auto e = exp_small(hn::Sub(s, hn::LoadU(d, column_max + j)));
    hn::StoreU(hn::Add(hn::LoadU(d, column_sum + j), e), d, column_sum + j);
  }
  if (const int64_t left = n - whole; left > 0) {
    const auto s = load_some(row + whole, left);
    const auto real = hn::FirstN(d, static_cast<size_t>(left));
    total = hn::Add(total, hn::IfThenElseZero(real, exp_small(hn::Sub(s, shift))));
    const auto e = exp_small(hn::Sub(s, load_some(column_max + whole, left)));
    store_some(hn::Add(load_some(column_sum + whole, left), e), column_sum + whole, left);
  }
  return hn::GetLane(hn::SumOfLanes(d, total));
}

void contrastive_slope_here(const float* row, int64_t n, float row_log_sum,
                            const float* column_log_sum, float weight, float* out) {
  const FloatTag d;
  const auto shift = hn::Set(d, row_log_sum), factor = hn::Set(d, weight);
  for_vectors(n, [&](const auto& load, const auto& store) {
    const auto s = load(row);
    const auto sum =
        hn::Add(exp_small(hn::Sub(s, shift)), exp_small(hn::Sub(s, load(column_log_sum))));
    store(hn::Mul(factor, sum), out);
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
