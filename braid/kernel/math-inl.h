// Functions of a float vector that the kernels share, next to simd-inl.h and included like it.
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

// exp(x) for x up to 80, to two units in the last place; 0 below -70: what is so small changes no
// sum, and denormal numbers would slow the products that follow. NaN gives 0.
// Source: range reduction and polynomial of Cephes' expf (Moshier 1989).
HWY_INLINE Floats exp_small(Floats x) {
  const FloatTag d;
  const hn::RebindToSigned<FloatTag> whole;
  const auto n = hn::Round(hn::Mul(x, hn::Set(d, 1.44269504f)));
  const auto r =
      hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x));
  auto p = hn::Set(d, 1.9875691500e-4f);
  p = hn::MulAdd(p, r, hn::Set(d, 1.3981999507e-3f));
  p = hn::MulAdd(p, r, hn::Set(d, 8.3334519073e-3f));
  p = hn::MulAdd(p, r, hn::Set(d, 4.1665795894e-2f));
  p = hn::MulAdd(p, r, hn::Set(d, 1.6666665459e-1f));
  p = hn::MulAdd(p, r, hn::Set(d, 5.0000001201e-1f));
  const auto y = hn::Add(hn::MulAdd(p, hn::Mul(r, r), r), hn::Set(d, 1.0f));
  const auto power =
      hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(whole, n), hn::Set(whole, 127))));
  return hn::IfThenElseZero(hn::Ge(x, hn::Set(d, -70.0f)), hn::Mul(y, power));
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#endif
