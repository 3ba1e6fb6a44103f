#include "braid/kernel/batch_norm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/batch_norm_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

void moments_here(int64_t begin, int64_t end, int64_t width, const float* x, float* mean,
                  float* squares) {
  const FloatTag d;
  const auto share = hn::Set(d, 1.0f / static_cast<float>(end - begin));
  for_vectors(width, [&](const auto& lanes) {
    auto sum = hn::Zero(d);
    for (int64_t r = begin; r < end; ++r) sum = hn::Add(sum, lanes.load(x + r * width));
    const auto middle = hn::Mul(sum, share);
    auto square = hn::Zero(d);
    for (int64_t r = begin; r < end; ++r) {
      const auto apart = hn::Sub(lanes.load(x + r * width), middle);
      square = hn::MulAdd(apart, apart, square);
    }
    lanes.store(middle, mean);
    lanes.store(square, squares);
  });
}

void forward_here(int64_t begin, int64_t end, int64_t width, const BatchNormForward& to,
                  const float* scale, const float* shift) {
  const auto zero = hn::Zero(FloatTag());
  for (int64_t r = begin; r < end; ++r) {
    for_vectors(width, [&](const auto& lanes) {
      const auto y =
          hn::MulAdd(lanes.load(to.x + r * width), lanes.load(scale), lanes.load(shift));
      // Not Max: a NaN stays one.
      lanes.store(to.relu ? hn::IfThenElse(hn::Lt(y, zero), zero, y) : y, to.y + r * width);
    });
  }
}

// dy, or 0 where the ReLU gave 0.
template <class Lanes>
HWY_INLINE Floats gradient(const Lanes& lanes, const BatchNormBackward& to, int64_t row, Floats x,
                           const float* scale, const float* shift) {
  const auto dy = lanes.load(to.dy + row);
  if (!to.relu) return dy;
  const auto y = hn::MulAdd(x, lanes.load(scale), lanes.load(shift));
  return hn::IfThenElseZero(hn::Gt(y, hn::Zero(FloatTag())), dy);
}

void sums_here(int64_t begin, int64_t end, int64_t width, const BatchNormBackward& to,
               const float* scale, const float* shift, float* sums) {
  for (int64_t r = begin; r < end; ++r) {
    for_vectors(width, [&](const auto& lanes) {
      const auto x = lanes.load(to.x + r * width);
      const auto g = gradient(lanes, to, r * width, x, scale, shift);
      const auto apart = hn::Sub(x, lanes.load(to.mean));
      lanes.store(hn::MulAdd(g, apart, lanes.load(sums)), sums);
      lanes.store(hn::Add(g, lanes.load(sums + width)), sums + width);
    });
  }
}

void backward_here(int64_t begin, int64_t end, int64_t width, const BatchNormBackward& to,
                   const float* scale, const float* shift, const float* of_x, const float* rest) {
  for (int64_t r = begin; r < end; ++r) {
    for_vectors(width, [&](const auto& lanes) {
      const auto x = lanes.load(to.x + r * width);
      const auto g = gradient(lanes, to, r * width, x, scale, shift);
      const auto dx =
          hn::MulAdd(g, lanes.load(scale), hn::MulAdd(x, lanes.load(of_x), lanes.load(rest)));
      lanes.store(dx, to.dx + r * width);
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(moments_here);
HWY_EXPORT(forward_here);
HWY_EXPORT(sums_here);
HWY_EXPORT(backward_here);

void batch_norm_moments_rows(int64_t begin, int64_t end, int64_t width, const float* x, float* mean,
                             float* squares) {
  HWY_DYNAMIC_DISPATCH(moments_here)(begin, end, width, x, mean, squares);
}
void batch_norm_forward_rows(int64_t begin, int64_t end, int64_t width, const BatchNormForward& to,
                             const float* scale, const float* shift) {
  HWY_DYNAMIC_DISPATCH(forward_here)(begin, end, width, to, scale, shift);
}
void batch_norm_sums_rows(int64_t begin, int64_t end, int64_t width, const BatchNormBackward& to,
                          const float* scale, const float* shift, float* sums) {
  HWY_DYNAMIC_DISPATCH(sums_here)(begin, end, width, to, scale, shift, sums);
}
void batch_norm_backward_rows(int64_t begin, int64_t end, int64_t width,
                              const BatchNormBackward& to, const float* scale, const float* shift,
                              const float* of_x, const float* rest) {
  HWY_DYNAMIC_DISPATCH(backward_here)(begin, end, width, to, scale, shift, of_x, rest);
}

}  // namespace braid
#endif
