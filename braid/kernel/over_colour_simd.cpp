#include "braid/kernel/over_colour.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/over_colour_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

using Words = hn::CappedTag<uint16_t, 16>;
using Bytes = hn::Rebind<uint8_t, Words>;

// from alpha + colour (255 - alpha) by 255, rounded: nothing on the way outgrows 16 bits.
HWY_INLINE hn::Vec<Bytes> mixed(hn::Vec<Bytes> from, hn::Vec<Words> alpha, uint8_t colour) {
  const Words words;
  const auto rest = hn::Sub(hn::Set(words, 255), alpha);
  const auto sum = hn::Add(hn::Add(hn::Mul(hn::PromoteTo(words, from), alpha),
                                   hn::Mul(hn::Set(words, colour), rest)),
                           hn::Set(words, 128));
  return hn::TruncateTo(Bytes(), hn::ShiftRight<8>(hn::Add(sum, hn::ShiftRight<8>(sum))));
}

void over_colour_here(const uint8_t* rgba, int64_t count, const std::array<uint8_t, 3>& colour,
                      uint8_t* rgb) {
  const Words words;
  const Bytes bytes;
  const auto lanes = static_cast<int64_t>(hn::Lanes(words));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::Vec<Bytes> red, green, blue, alpha;
    hn::LoadInterleaved4(bytes, rgba + 4 * i, red, green, blue, alpha);
    const auto a = hn::PromoteTo(words, alpha);
    hn::StoreInterleaved3(mixed(red, a, colour[0]), mixed(green, a, colour[1]),
                          mixed(blue, a, colour[2]), bytes, rgb + 3 * i);
  }
  for (; i < count; ++i) {
    const uint32_t a = rgba[4 * i + 3];
    for (int64_t c = 0; c < 3; ++c) {
      const uint32_t sum =
          rgba[4 * i + c] * a + colour[static_cast<size_t>(c)] * (255 - a) + 128;
      rgb[3 * i + c] = static_cast<uint8_t>((sum + (sum >> 8)) >> 8);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(over_colour_here);

void over_colour(const uint8_t* rgba, int64_t count, const std::array<uint8_t, 3>& colour,
                 uint8_t* rgb) {
  HWY_DYNAMIC_DISPATCH(over_colour_here)(rgba, count, colour, rgb);
}

}  // namespace braid
#endif
