#include "braid/kernel/colour_planes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/colour_planes_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

// One channel of what becomes of a vector of pixels.
HWY_INLINE Floats changed(const ColourChange& change, size_t channel, Floats red, Floats green,
                          Floats blue) {
  const FloatTag d;
  const auto& row = change.matrix[channel];
  auto v = hn::MulAdd(hn::Set(d, row[0]), red, hn::Set(d, change.shift[channel]));
  v = hn::MulAdd(hn::Set(d, row[1]), green, v);
  v = hn::MulAdd(hn::Set(d, row[2]), blue, v);
  v = hn::Min(hn::Max(v, hn::Zero(d)), hn::Set(d, 1.f));
  return hn::MulAdd(v, hn::Set(d, change.factor[channel]), hn::Set(d, change.offset[channel]));
}

void change_colours_here(const ColourChange& change, int64_t count,
                         const std::array<float*, 3>& planes) {
  const FloatTag d;
  const int64_t lanes = lane_count();
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto red = hn::LoadU(d, planes[0] + i), green = hn::LoadU(d, planes[1] + i),
               blue = hn::LoadU(d, planes[2] + i);
    for (size_t c = 0; c < 3; ++c)
      hn::StoreU(changed(change, c, red, green, blue), d, planes[c] + i);
  }
  if (i == count) return;
  const auto red = load_some(planes[0] + i, count - i),
             green = load_some(planes[1] + i, count - i),
             blue = load_some(planes[2] + i, count - i);
  for (size_t c = 0; c < 3; ++c)
    store_some(changed(change, c, red, green, blue), planes[c] + i, count - i);
}

double plane_sum_here(const float* plane, int64_t count) {
  constexpr int64_t kTogether = 512;  // values of one float sum
  const FloatTag d;
  const int64_t lanes = lane_count();
  double sum = 0;
  int64_t i = 0;
  while (i + lanes <= count) {
    auto part = hn::Zero(d);
    const int64_t end = std::min(count, i + kTogether);
    for (; i + lanes <= end; i += lanes) part = hn::Add(part, hn::LoadU(d, plane + i));
    sum += hn::GetLane(hn::SumOfLanes(d, part));
  }
  for (; i < count; ++i) sum += plane[i];
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(change_colours_here);
HWY_EXPORT(plane_sum_here);

void change_colours(const ColourChange& change, int64_t count,
                    const std::array<float*, 3>& planes) {
  HWY_DYNAMIC_DISPATCH(change_colours_here)(change, count, planes);
}

double plane_sum(const float* plane, int64_t count) {
  return HWY_DYNAMIC_DISPATCH(plane_sum_here)(plane, count);
}

}  // namespace braid
#endif
