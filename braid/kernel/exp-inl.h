// 2^x and e^x for vectors of floats. Included by *_simd.cpp only, as simd-inl.h.
//
//   2^x = 2^n 2^f,  n the nearest integer, f in [-1/2, 1/2] by a polynomial of degree 6
//   (minimax in relative error, 2e-9; exactly 1 at 0)
//
// Relative error at most 1.5e-7 for x in [-126, 127] (a test walks the range); 0 below -126; not a
// number stays so. e^x = 2^(x log2 e) adds the rounding of that product, |x| 2^-24.
#include "braid/kernel/simd-inl.h"

#if defined(BRAID_KERNEL_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BRAID_KERNEL_EXP_INL_H_
#undef BRAID_KERNEL_EXP_INL_H_
#else
#define BRAID_KERNEL_EXP_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

constexpr float kLog2E = 1.44269504088896341f;
constexpr float kLn2 = 0.693147180559945309f;

// x at most 127.
HWY_INLINE Floats exp2_lanes(Floats x) {
  const FloatTag d;
  const hn::RebindToSigned<FloatTag> di;
  const auto magic = hn::Set(d, 12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const auto lowest = hn::Set(d, -126.0f);
  const auto below = hn::Lt(x, lowest);
  const auto bounded = hn::IfThenElse(below, lowest, x);  // unlike Max, keeps not a number
  const auto shifted = hn::Add(bounded, magic);
  const auto f = hn::Sub(bounded, hn::Sub(shifted, magic));
  auto p = hn::Set(d, 1.5353362e-4f);
  p = hn::MulAdd(p, f, hn::Set(d, 1.3398875e-3f));
  p = hn::MulAdd(p, f, hn::Set(d, 9.6184374e-3f));
  p = hn::MulAdd(p, f, hn::Set(d, 5.5503325e-2f));
  p = hn::MulAdd(p, f, hn::Set(d, 2.4022648e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 6.9314720e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0f));
  const auto power = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
  const auto result = hn::BitCast(d, hn::Add(hn::BitCast(di, p), power));
  return hn::IfThenZeroElse(below, result);
}

HWY_INLINE float exp2_one(float x) { return hn::GetLane(exp2_lanes(hn::Set(FloatTag(), x))); }

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#endif
