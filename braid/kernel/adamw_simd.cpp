#include "braid/kernel/adamw.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/adamw_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

void adamw_here(const AdamwFactors& f, float keep, const AdamwSlot& slot) {
  const FloatTag d;
  const auto b1 = hn::Set(d, f.beta1), rest1 = hn::Set(d, f.rest1), b2 = hn::Set(d, f.beta2),
             rest2 = hn::Set(d, f.rest2), rate = hn::Set(d, f.rate), root = hn::Set(d, f.root),
             epsilon = hn::Set(d, f.epsilon), scale = hn::Set(d, f.scale), kept = hn::Set(d, keep);
  for_vectors(slot.n, [&](const auto& lanes) {
    const auto g = hn::Mul(lanes.load(slot.g), scale);
    const auto m = hn::MulAdd(b1, lanes.load(slot.m), hn::Mul(rest1, g));
    const auto v = hn::MulAdd(b2, lanes.load(slot.v), hn::Mul(rest2, hn::Mul(g, g)));
    const auto step = hn::Div(hn::Mul(rate, m), hn::MulAdd(hn::Sqrt(v), root, epsilon));
    lanes.store(m, slot.m);
    lanes.store(v, slot.v);
    lanes.store(hn::MulSub(kept, lanes.load(slot.p), step), slot.p);
  });
}

double sum_of_squares_here(const float* values, int64_t n) {
  const hn::CappedTag<double, 8> d;
  const hn::Rebind<float, decltype(d)> df;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto one = hn::Zero(d), other = hn::Zero(d);
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const auto x = hn::PromoteTo(d, hn::LoadU(df, values + i));
    const auto y = hn::PromoteTo(d, hn::LoadU(df, values + i + lanes));
    one = hn::MulAdd(x, x, one);
    other = hn::MulAdd(y, y, other);
  }
  double sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(one, other)));
  for (; i < n; ++i) sum += static_cast<double>(values[i]) * values[i];
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(adamw_here);
HWY_EXPORT(sum_of_squares_here);

void adamw_part(const AdamwFactors& factors, float keep, const AdamwSlot& slot) {
  HWY_DYNAMIC_DISPATCH(adamw_here)(factors, keep, slot);
}
double sum_of_squares_part(const float* values, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(sum_of_squares_here)(values, n);
}

}  // namespace braid
#endif
