#include "braid/kernel/norm.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/norm_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

// A row stays in the first-level cache, so walking it again costs little.
void norm_forward_here(int64_t width, int64_t row, const NormForward& to) {
  const FloatTag d;
  const float* x = to.x + row * width;
  float* y = to.y + row * width;
  auto sum = hn::Zero(d);
  for_vectors(width, [&](const auto& lanes) { sum = hn::Add(sum, lanes.load(x)); });
  const float mean = sum_lanes(sum) / static_cast<float>(width);
  const auto middle = hn::Set(d, mean);
  auto squares = hn::Zero(d);
  for_vectors(width, [&](const auto& lanes) {
    const auto off = lanes.only(hn::Sub(lanes.load(x), middle));
    squares = hn::MulAdd(off, off, squares);
  });
  const double variance = sum_lanes(squares) / static_cast<double>(width);
  const auto scale = static_cast<float>(1 / std::sqrt(variance + to.epsilon));
  to.mean[row] = mean;
  to.scale[row] = scale;
  const auto factor = hn::Set(d, scale);
  for_vectors(width, [&](const auto& lanes) {
    const auto unit = hn::Mul(hn::Sub(lanes.load(x), middle), factor);
    lanes.store(hn::MulAdd(unit, lanes.load(to.w), lanes.load(to.b)), y);
  });
}

void norm_backward_here(int64_t width, int64_t row, const NormBackward& to, float* sums) {
  const FloatTag d;
  const float *x = to.x + row * width, *dy = to.dy + row * width;
  float *dx = to.dx + row * width, *dw = sums, *db = sums + width;
  const auto middle = hn::Set(d, to.mean[row]), factor = hn::Set(d, to.scale[row]);
  auto of_g = hn::Zero(d), of_product = hn::Zero(d);
  for_vectors(width, [&](const auto& lanes) {
    const auto slope = lanes.load(dy);
    const auto unit = hn::Mul(hn::Sub(lanes.load(x), middle), factor);
    const auto g = hn::Mul(slope, lanes.load(to.w));
    of_g = hn::Add(of_g, g);
    of_product = hn::MulAdd(g, unit, of_product);
    lanes.store(hn::MulAdd(slope, unit, lanes.load(dw)), dw);
    lanes.store(hn::Add(lanes.load(db), slope), db);
  });
  const auto each = 1 / static_cast<float>(width);
  const auto shift = hn::Set(d, sum_lanes(of_g) * each);
  const auto tilt = hn::Set(d, sum_lanes(of_product) * each);
  for_vectors(width, [&](const auto& lanes) {
    const auto unit = hn::Mul(hn::Sub(lanes.load(x), middle), factor);
    const auto g = hn::Mul(lanes.load(dy), lanes.load(to.w));
    lanes.store(hn::Mul(factor, hn::NegMulAdd(unit, tilt, hn::Sub(g, shift))), dx);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(norm_forward_here);
HWY_EXPORT(norm_backward_here);

void norm_forward_row(int64_t width, int64_t row, const NormForward& to) {
  HWY_DYNAMIC_DISPATCH(norm_forward_here)(width, row, to);
}
void norm_backward_row(int64_t width, int64_t row, const NormBackward& to, float* sums) {
  HWY_DYNAMIC_DISPATCH(norm_backward_here)(width, row, to, sums);
}

}  // namespace braid
#endif
