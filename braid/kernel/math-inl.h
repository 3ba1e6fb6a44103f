// Functions of a float vector that the kernels share, next to simd-inl.h and included like it.
#include "braid/kernel/exp-inl.h"
#include "braid/kernel/simd-inl.h"

#if defined(BRAID_KERNEL_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BRAID_KERNEL_MATH_INL_H_
#undef BRAID_KERNEL_MATH_INL_H_
#else
#define BRAID_KERNEL_MATH_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

// Where a loop over floats stands: at a whole vector, or at the few floats behind the last one.
struct WholeVector {
  int64_t at;
  HWY_INLINE Floats load(const float* from) const { return hn::LoadU(FloatTag(), from + at); }
  HWY_INLINE void store(Floats x, float* to) const { hn::StoreU(x, FloatTag(), to + at); }
  HWY_INLINE Floats only(Floats x) const { return x; }
};
struct PartVector {
  int64_t at, count;
  HWY_INLINE Floats load(const float* from) const { return load_some(from + at, count); }
  HWY_INLINE void store(Floats x, float* to) const { store_some(x, to + at, count); }
  // Zero in the lanes that are not there.
  HWY_INLINE Floats only(Floats x) const {
    return hn::IfThenElseZero(hn::FirstN(FloatTag(), static_cast<size_t>(count)), x);
  }
};
template <class Step>
HWY_INLINE void for_vectors(int64_t n, const Step& step) {
  const int64_t lanes = lane_count();
  int64_t j = 0;
  for (; j + lanes <= n; j += lanes) step(WholeVector{j});
  if (j < n) step(PartVector{j, n - j});
}

HWY_INLINE float sum_lanes(Floats x) { return hn::GetLane(hn::SumOfLanes(FloatTag(), x)); }

// exp(x) for x up to 80; 0 below -70: what is so small changes no sum, and denormal numbers would
// slow the products that follow. NaN gives 0.
HWY_INLINE Floats exp_small(Floats x) {
  const FloatTag d;
  const auto power = exp2_lanes(hn::Mul(x, hn::Set(d, kLog2E)));
  return hn::IfThenElseZero(hn::Ge(x, hn::Set(d, -70.0f)), power);
}

// The normal distribution below x: (1 + erf(x / sqrt 2)) / 2, to 1.2e-7; `bell` becomes
// exp(-x^2 / 2). Source: Abramowitz, Stegun 1964, 7.1.26, whose error of erf is 1.5e-7 at most.
HWY_INLINE Floats normal_below(Floats x, Floats& bell) {
  const FloatTag d;
  bell = exp_small(hn::Mul(hn::Mul(x, x), hn::Set(d, -0.5f)));
  const auto t =
      hn::Div(hn::Set(d, 1.0f), hn::MulAdd(hn::Abs(x), hn::Set(d, 0.231641888f), hn::Set(d, 1.0f)));
  auto p = hn::Set(d, 1.061405429f);
  p = hn::MulAdd(p, t, hn::Set(d, -1.453152027f));
  p = hn::MulAdd(p, t, hn::Set(d, 1.421413741f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.284496736f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.254829592f));
  const auto above = hn::Mul(hn::Mul(hn::Mul(p, t), hn::Set(d, 0.5f)), bell);  // beyond |x|
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), above, hn::Sub(hn::Set(d, 1.0f), above));
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#endif
