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
using ByteTag = hn::Rebind<uint8_t, SampleTag>;
constexpr int64_t kSamples = static_cast<int64_t>(hn::MaxLanes(SampleTag()));
constexpr int64_t kPixels = kSamples / 4;
static_assert(kPixels <= kOutputsAtOnce);

// Three samples a pixel become four, of which the last means nothing; and back.
HWY_ALIGN constexpr uint8_t kSpread[16] = {0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0};
HWY_ALIGN constexpr uint8_t kGather[16] = {0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0};

template <int kChannels>
HWY_INLINE Samples pixels_at(const uint8_t* from) {
  const ByteTag d;
  const auto bytes = hn::LoadU(d, from);
  if constexpr (kChannels == 3 && kPixels > 1) {
    return hn::PromoteTo(SampleTag(), hn::TableLookupBytes(bytes, hn::Load(d, kSpread)));
  } else {
    return hn::PromoteTo(SampleTag(), bytes);
  }
}

// The weighted sum of one output's taps; its pixels are still to be added up.
template <int kChannels>
HWY_INLINE Samples tap_sums(const uint8_t* from, const int32_t* factors, int64_t count) {
  const SampleTag d;
  auto sums = hn::Mul(pixels_at<kChannels>(from), hn::LoadU(d, factors));
  for (int64_t k = kSamples; k < count; k += kSamples) {
    const auto pixels = pixels_at<kChannels>(from + k / 4 * kChannels);
    sums = hn::Add(sums, hn::Mul(pixels, hn::LoadU(d, factors + k)));
  }
  return sums;
}

HWY_INLINE Samples halves_added(Samples a, Samples b) {
  const SampleTag d;
  return hn::Add(hn::ConcatLowerLower(d, b, a), hn::ConcatUpperUpper(d, b, a));
}

// As many outputs as a vector has pixels, in order; `sums_of(i)` are those of the i-th.
template <class SumsOf>
HWY_INLINE Samples folded(const SumsOf& sums_of) {
  if constexpr (kPixels == 1) {
    return sums_of(0);
  } else if constexpr (kPixels == 2) {
    return halves_added(sums_of(0), sums_of(1));
  } else {
    const auto even = halves_added(sums_of(0), sums_of(2));  // blocks 0 0 2 2
    const auto odd = halves_added(sums_of(1), sums_of(3));
    return hn::Add(hn::OddEvenBlocks(odd, even),
                   hn::SwapAdjacentBlocks(hn::OddEvenBlocks(even, odd)));
  }
}

HWY_INLINE hn::Vec<ByteTag> to_bytes(Samples sums) {
  return hn::DemoteTo(ByteTag(), hn::ShiftRight<kFractionBits>(sums));
}

template <int kChannels>
HWY_INLINE void scale_row_by(const uint8_t* row, const RowWeights& weights, uint8_t* out) {
  const ByteTag d;
  const auto half = hn::Set(SampleTag(), kHalf);
  const int64_t outputs = static_cast<int64_t>(weights.first.size()), count = 4 * weights.taps;
  const int64_t* first = weights.first.data();
  const int32_t* factors = weights.by_sample.data();
  for (int64_t i = 0; i < outputs; i += kPixels, out += kPixels * kChannels) {
    const auto sums = folded([&](int64_t k) {
      return tap_sums<kChannels>(row + first[i + k] * kChannels, factors + (i + k) * count, count);
    });
    auto bytes = to_bytes(hn::Add(sums, half));
    if constexpr (kChannels == 3 && kPixels > 1) {
      bytes = hn::TableLookupBytes(bytes, hn::Load(d, kGather));
    }
    hn::StoreU(bytes, d, out);
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
  const ByteTag bytes;
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
  hn::StoreU(to_bytes(a), bytes, out);
  hn::StoreU(to_bytes(b), bytes, out + kSamples);
  hn::StoreU(to_bytes(c), bytes, out + 2 * kSamples);
  hn::StoreU(to_bytes(e), bytes, out + 3 * kSamples);
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
  for (const int32_t weight : axis.weights) {
    result.by_sample.insert(result.by_sample.end(), 4, weight);
  }
  for (const int64_t first : axis.first) result.inputs = std::max(result.inputs, first + axis.taps);
  while (result.first.size() % kOutputsAtOnce != 0) result.first.push_back(0);
  result.by_sample.resize(result.first.size() * static_cast<size_t>(4 * axis.taps));
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
