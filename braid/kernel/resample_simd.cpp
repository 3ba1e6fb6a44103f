#include "braid/kernel/resample.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/resample_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

constexpr int32_t kHalf = 1 << (kFractionBits - 1);  // rounds

#if HWY_TARGET == HWY_SCALAR

HWY_INLINE uint8_t to_byte(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

void scale_row_here(const uint8_t* row, const RowWeights& weights, int64_t channels, uint8_t* out) {
  const int32_t* factors = weights.by_sample.data();
  for (const int64_t first : weights.first) {
    for (int64_t c = 0; c < channels; ++c) {
      const uint8_t* from = row + first * channels + c;
      int32_t sum = kHalf;
      for (int64_t k = 0; k < weights.taps; ++k) sum += from[k * channels] * factors[4 * k];
      *out++ = to_byte(sum);
    }
    factors += 4 * weights.taps;
  }
}

void mix_rows_here(const uint8_t* const* rows, const int32_t* weights, int64_t count, int64_t size,
                   uint8_t* out) {
  for (int64_t i = 0; i < size; ++i) {
    int32_t sum = kHalf;
    for (int64_t k = 0; k < count; ++k) sum += rows[k][i] * weights[k];
    out[i] = to_byte(sum);
  }
}

#else

// Samples in 32 bits: one, two or four pixels of four.
#if HWY_HAVE_SCALABLE
using SampleTag = hn::FixedTag<int32_t, 4>;
#else
using SampleTag = hn::CappedTag<int32_t, 16>;
#endif
using Samples = hn::Vec<SampleTag>;
using PixelTag = hn::FixedTag<int32_t, 4>;
constexpr int64_t kSamples = static_cast<int64_t>(hn::MaxLanes(SampleTag()));

// Three samples a pixel become four; the fourth is of no meaning.
HWY_ALIGN constexpr uint8_t kSpread[16] = {0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0};

template <int kChannels>
HWY_INLINE Samples pixels_at(const uint8_t* from) {
  const hn::Rebind<uint8_t, SampleTag> d;
  const auto bytes = hn::LoadU(d, from);
  if constexpr (kChannels == 3 && kSamples > 4) {
    return hn::PromoteTo(SampleTag(), hn::TableLookupBytes(bytes, hn::Load(d, kSpread)));
  } else {
    return hn::PromoteTo(SampleTag(), bytes);
  }
}

// The sum of a vector's pixels.
template <class V>
HWY_INLINE hn::Vec<PixelTag> folded(V sums) {
  using D = hn::DFromV<V>;
  if constexpr (hn::MaxLanes(D()) == 4) {
    return sums;
  } else {
    const hn::Half<D> half;
    return folded(hn::Add(hn::LowerHalf(half, sums), hn::UpperHalf(half, sums)));
  }
}

template <class D>
HWY_INLINE void store_bytes(D d, hn::Vec<D> sums, uint8_t* out) {
  const hn::Rebind<uint8_t, D> bytes;
  hn::StoreU(hn::DemoteTo(bytes, hn::ShiftRight<kFractionBits>(sums)), bytes, out);
}

template <int kChannels>
HWY_INLINE void scale_row_by(const uint8_t* row, const RowWeights& weights, uint8_t* out) {
  const SampleTag d;
  const PixelTag pixel;
  const auto half = hn::Set(pixel, kHalf);
  const int64_t outputs = static_cast<int64_t>(weights.first.size()), count = 4 * weights.taps;
  const int64_t* first = weights.first.data();
  const int32_t* factors = weights.by_sample.data();
  for (int64_t i = 0; i < outputs; ++i, factors += count, out += kChannels) {
    const uint8_t* from = row + first[i] * kChannels;
    auto sums = hn::Mul(pixels_at<kChannels>(from), hn::LoadU(d, factors));
    for (int64_t k = kSamples; k < count; k += kSamples) {
      const auto pixels = pixels_at<kChannels>(from + k / 4 * kChannels);
      sums = hn::Add(sums, hn::Mul(pixels, hn::LoadU(d, factors + k)));
    }
    store_bytes(pixel, hn::Add(folded(sums), half), out);
  }
}

void scale_row_here(const uint8_t* row, const RowWeights& weights, int64_t channels, uint8_t* out) {
  if (channels == 4) {
    scale_row_by<4>(row, weights, out);
  } else {
    scale_row_by<3>(row, weights, out);
  }
}

// Four vectors of bytes from `at` on.
HWY_INLINE void mix_four(const uint8_t* const* rows, const int32_t* weights, int64_t count,
                         int64_t at, uint8_t* out) {
  const SampleTag d;
  const hn::Rebind<uint8_t, SampleTag> bytes;
  auto a = hn::Set(d, kHalf), b = a, c = a, e = a;
  for (int64_t k = 0; k < count; ++k) {
    const uint8_t* row = rows[k] + at;
    const auto weight = hn::Set(d, weights[k]);
    const auto term = [&](int64_t i) {
      return hn::Mul(hn::PromoteTo(d, hn::LoadU(bytes, row + i * kSamples)), weight);
    };
    a = hn::Add(a, term(0));
    b = hn::Add(b, term(1));
    c = hn::Add(c, term(2));
    e = hn::Add(e, term(3));
  }
  store_bytes(d, a, out);
  store_bytes(d, b, out + kSamples);
  store_bytes(d, c, out + 2 * kSamples);
  store_bytes(d, e, out + 3 * kSamples);
}

void mix_rows_here(const uint8_t* const* rows, const int32_t* weights, int64_t count, int64_t size,
                   uint8_t* out) {
  int64_t i = 0;
  for (; i + 4 * kSamples <= size; i += 4 * kSamples) mix_four(rows, weights, count, i, out + i);
  if (i == size) return;
  uint8_t rest[4 * kSamples];
  mix_four(rows, weights, count, i, rest);
  std::memcpy(out + i, rest, static_cast<size_t>(size - i));
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(scale_row_here);
HWY_EXPORT(mix_rows_here);

RowWeights row_weights(const AxisWeights& axis) {
  RowWeights result{axis.taps, 0, axis.first, {}};
  result.by_sample.reserve(4 * axis.weights.size());
  for (const int32_t weight : axis.weights) result.by_sample.insert(result.by_sample.end(), 4, weight);
  for (const int64_t first : axis.first) result.inputs = std::max(result.inputs, first + axis.taps);
  return result;
}

void scale_row(const uint8_t* row, const RowWeights& weights, int64_t channels, uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(scale_row_here)(row, weights, channels, out);
}

void mix_rows(const uint8_t* const* rows, const int32_t* weights, int64_t count, int64_t size,
              uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(mix_rows_here)(rows, weights, count, size, out);
}

}  // namespace braid
#endif
