#include "braid/kernel/activation.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/activation_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

void gelu_forward_here(int64_t n, const float* x, float* y) {
  for_vectors(n, [&](const auto& lanes) {
    const auto value = lanes.load(x);
    Floats bell;
    const auto below = normal_below(value, bell);
    lanes.store(hn::Mul(value, below), y);
  });
}

void gelu_backward_here(int64_t begin, int64_t end, int64_t width, const GeluBackward& to,
                        float* sums) {
  const FloatTag d;
  const auto density = hn::Set(d, 0.398942280f);  // 1 / sqrt(2 pi)
  for (int64_t r = begin; r < end; ++r) {
    const int64_t row = r * width;
    for_vectors(width, [&](const auto& lanes) {
      const auto value = lanes.load(to.x + row);
      Floats bell;
      const auto below = normal_below(value, bell);
      const auto slope = hn::MulAdd(hn::Mul(value, density), bell, below);
      const auto dx = hn::Mul(lanes.load(to.dy + row), slope);
      lanes.store(dx, to.dx + row);
      if (to.y) lanes.store(hn::Mul(value, below), to.y + row);
      lanes.store(hn::Add(lanes.load(sums), dx), sums);
    });
  }
}

void column_sums_here(int64_t begin, int64_t end, int64_t width, const float* x, int64_t stride,
                      float* sums) {
  for (int64_t r = begin; r < end; ++r) {
    const float* row = x + r * stride;
    for_vectors(width, [&](const auto& lanes) {
      lanes.store(hn::Add(lanes.load(sums), lanes.load(row)), sums);
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(gelu_forward_here);
HWY_EXPORT(gelu_backward_here);
HWY_EXPORT(column_sums_here);

void gelu_forward_part(int64_t n, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(gelu_forward_here)(n, x, y);
}
void gelu_backward_rows(int64_t begin, int64_t end, int64_t width, const GeluBackward& to,
                        float* sums) {
  HWY_DYNAMIC_DISPATCH(gelu_backward_here)(begin, end, width, to, sums);
}
void column_sums_rows(int64_t begin, int64_t end, int64_t width, const float* x, int64_t stride,
                      float* sums) {
  HWY_DYNAMIC_DISPATCH(column_sums_here)(begin, end, width, x, stride, sums);
}

}  // namespace braid
#endif
