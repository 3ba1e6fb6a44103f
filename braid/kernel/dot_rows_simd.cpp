#include "braid/kernel/topk.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/dot_rows_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

// `kRows` rows at once. Every row takes the same steps whatever kRows is, so a score does not
// depend on its neighbours.
template <int kRows>
HWY_INLINE void dot_some(const float* query, const float* rows, int64_t width, float* scores) {
  const FloatTag d;
  const int64_t lanes = lane_count();
  Floats sums[kRows];
  for (auto& sum : sums) sum = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= width; i += lanes) {
    const auto q = hn::LoadU(d, query + i);
    for (int r = 0; r < kRows; ++r)
      sums[r] = hn::MulAdd(q, hn::LoadU(d, rows + r * width + i), sums[r]);
  }
  if (i < width) {
    const auto q = load_some(query + i, width - i);
    for (int r = 0; r < kRows; ++r)
      sums[r] = hn::MulAdd(q, load_some(rows + r * width + i, width - i), sums[r]);
  }
  for (int r = 0; r < kRows; ++r) scores[r] = hn::GetLane(hn::SumOfLanes(d, sums[r]));
}

void dot_rows_here(const float* query, const float* rows, int64_t count, int64_t width,
                   float* scores) {
  int64_t n = 0;
  for (; n + 4 <= count; n += 4) dot_some<4>(query, rows + n * width, width, scores + n);
  for (; n < count; ++n) dot_some<1>(query, rows + n * width, width, scores + n);
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(dot_rows_here);

void dot_rows(const float* query, const float* rows, int64_t count, int64_t width, float* scores) {
  HWY_DYNAMIC_DISPATCH(dot_rows_here)(query, rows, count, width, scores);
}

}  // namespace braid
#endif
