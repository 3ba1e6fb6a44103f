// What the kernels share of Highway: names for its float vector, and loads and stores of a part of
// one. Included once for each instruction set by files named *_simd.cpp, never by others.
#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

#if defined(BRAID_KERNEL_SIMD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BRAID_KERNEL_SIMD_INL_H_
#undef BRAID_KERNEL_SIMD_INL_H_
#else
#define BRAID_KERNEL_SIMD_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
// At most 16 lanes, so that a vector may stand in an array: SVE's and RVV's have no size.
using FloatTag = hn::CappedTag<float, 16>;
using Floats = hn::Vec<FloatTag>;

HWY_INLINE int64_t lane_count() { return static_cast<int64_t>(hn::Lanes(FloatTag())); }

// The first `count` values, the rest zero; reads nothing behind them. count < lane_count().
HWY_INLINE Floats load_some(const float* from, int64_t count) {
  const FloatTag d;
  HWY_ALIGN float values[hn::MaxLanes(d)] = {};
  std::memcpy(values, from, static_cast<size_t>(count) * sizeof(float));
  return hn::Load(d, values);
}

HWY_INLINE void store_some(Floats x, float* to, int64_t count) {
  const FloatTag d;
  HWY_ALIGN float values[hn::MaxLanes(d)];
  hn::Store(x, d, values);
  std::memcpy(to, values, static_cast<size_t>(count) * sizeof(float));
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#endif
