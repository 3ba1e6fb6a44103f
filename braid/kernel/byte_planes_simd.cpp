#include "braid/kernel/byte_planes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/byte_planes_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

// One channel of as many pixels as a vector has lanes.
template <class Bytes>
HWY_INLINE void one_plane(Bytes bytes, Floats unit, float* out) {
  const FloatTag d;
  const hn::Rebind<int32_t, FloatTag> whole;
  hn::StoreU(hn::Mul(hn::ConvertTo(d, hn::PromoteTo(whole, bytes)), unit), d, out);
}

void byte_planes_here(const uint8_t* rgb, int64_t count, float unit,
                      const std::array<float*, 3>& out) {
  const hn::Rebind<uint8_t, FloatTag> bytes;
  const auto units = hn::Set(FloatTag(), unit);
  const int64_t lanes = lane_count();
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::Vec<decltype(bytes)> red, green, blue;
    hn::LoadInterleaved3(bytes, rgb + 3 * i, red, green, blue);
    one_plane(red, units, out[0] + i);
    one_plane(green, units, out[1] + i);
    one_plane(blue, units, out[2] + i);
  }
  for (; i < count; ++i) {
    for (int64_t c = 0; c < 3; ++c) out[static_cast<size_t>(c)][i] = unit * rgb[3 * i + c];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(byte_planes_here);

void byte_planes(const uint8_t* rgb, int64_t count, float unit, const std::array<float*, 3>& out) {
  HWY_DYNAMIC_DISPATCH(byte_planes_here)(rgb, count, unit, out);
}

}  // namespace braid
#endif
