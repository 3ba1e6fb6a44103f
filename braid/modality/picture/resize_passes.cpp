#include "braid/modality/picture/resize_passes.h"

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace braid {
namespace {

constexpr int32_t kHalf = 1 << (kFractionBits - 1);  // rounds

uint8_t to_byte(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

// Bytes [from, size) of an output row.
void mix_rest(const uint8_t* rows, int64_t from, int64_t size, const TapPair* taps, int64_t count,
              uint8_t* out) {
  for (int64_t i = from; i < size; ++i) {
    int32_t sum = kHalf;
    for (int64_t k = 0; k < count; ++k) sum += rows[k * size + i] * taps[k / 2].weight(k % 2);
    out[i] = to_byte(sum);
  }
}

#ifdef __SSE2__

// Four sums, each in two halves.
struct Sums {
  __m128i high = _mm_setzero_si128();
  __m128i low = _mm_set1_epi32(kHalf);

  // `bytes` are four pairs of 16 bits, a pair the two taps of one sum.
  void add(__m128i bytes, __m128i high_weights, __m128i low_weights) {
    high = _mm_add_epi32(high, _mm_madd_epi16(bytes, high_weights));
    low = _mm_add_epi32(low, _mm_madd_epi16(bytes, low_weights));
  }
  __m128i shifted() const {
    return _mm_srai_epi32(_mm_add_epi32(_mm_slli_epi32(high, kLowBits), low), kFractionBits);
  }
};

__m128i both(const int16_t (&halves)[2]) {
  int32_t pair;
  std::memcpy(&pair, halves, sizeof pair);
  return _mm_set1_epi32(pair);
}

template <int kChannels>
void scale_row_by(const uint8_t* row, const uint8_t* end, const AxisWeights& axis, uint8_t* out) {
  const __m128i zero = _mm_setzero_si128();
  for (int64_t i = 0; i < axis.outputs(); ++i, out += kChannels) {
    const uint8_t* from = row + axis.first[i] * kChannels;
    const TapPair* taps = axis.of(i);
    Sums sums;
    for (int64_t k = 0; k < axis.count[i]; k += 2, from += 2 * kChannels, ++taps) {
      __m128i pixels;  // two of them; the last of the picture may have no eight bytes left
      if (end - from >= 8) {
        pixels = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
      } else {
        uint8_t rest[8] = {};
        std::memcpy(rest, from, static_cast<size_t>(end - from));
        pixels = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(rest));
      }
      const __m128i paired = _mm_unpacklo_epi8(pixels, _mm_srli_si128(pixels, kChannels));
      sums.add(_mm_unpacklo_epi8(paired, zero), both(taps->high), both(taps->low));
    }
    const __m128i words = _mm_packs_epi32(sums.shifted(), zero);
    const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, zero));
    std::memcpy(out, &bytes, kChannels);
  }
}

// Sixteen bytes of an output row.
void mix_sixteen(const uint8_t* rows, int64_t size, const TapPair* taps, int64_t count,
                 uint8_t* out) {
  const __m128i zero = _mm_setzero_si128();
  Sums sums[4];
  for (int64_t k = 0; k < count; k += 2, rows += 2 * size, ++taps) {
    const auto* second = k + 1 < count ? rows + size : rows;  // its weight is 0 where it is missing
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(second));
    const __m128i front = _mm_unpacklo_epi8(a, b), back = _mm_unpackhi_epi8(a, b);
    const __m128i high = both(taps->high), low = both(taps->low);
    sums[0].add(_mm_unpacklo_epi8(front, zero), high, low);
    sums[1].add(_mm_unpackhi_epi8(front, zero), high, low);
    sums[2].add(_mm_unpacklo_epi8(back, zero), high, low);
    sums[3].add(_mm_unpackhi_epi8(back, zero), high, low);
  }
  const __m128i front = _mm_packs_epi32(sums[0].shifted(), sums[1].shifted());
  const __m128i back = _mm_packs_epi32(sums[2].shifted(), sums[3].shifted());
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_packus_epi16(front, back));
}

#else

template <int kChannels>
void scale_row_by(const uint8_t* row, const uint8_t*, const AxisWeights& axis, uint8_t* out) {
  for (int64_t i = 0; i < axis.outputs(); ++i, out += kChannels) {
    const uint8_t* from = row + axis.first[i] * kChannels;
    const TapPair* taps = axis.of(i);
    int32_t sum[kChannels];
    for (int32_t& s : sum) s = kHalf;
    for (int64_t k = 0; k < axis.count[i]; ++k, from += kChannels) {
      for (int c = 0; c < kChannels; ++c) sum[c] += from[c] * taps[k / 2].weight(k % 2);
    }
    for (int c = 0; c < kChannels; ++c) out[c] = to_byte(sum[c]);
  }
}

#endif

}  // namespace

void scale_row(const uint8_t* row, const uint8_t* end, const AxisWeights& axis, int64_t channels,
               uint8_t* out) {
  if (channels == 4) {
    scale_row_by<4>(row, end, axis, out);
  } else {
    scale_row_by<3>(row, end, axis, out);
  }
}

void mix_rows(const uint8_t* rows, int64_t size, const TapPair* taps, int64_t count, uint8_t* out) {
  int64_t done = 0;
#ifdef __SSE2__
  for (; done + 16 <= size; done += 16) mix_sixteen(rows + done, size, taps, count, out + done);
#endif
  mix_rest(rows, done, size, taps, count, out);
}

}  // namespace braid
