// Attention: rows of one head copied to where the products want them, and results copied back.
// Included by *_simd.cpp only.
//
// In scratch a row has whole vectors, the rest zeros; the copies cost a few per cent and spare the
// products the strides of a projection, which fall on few lines of the cache.
#include "braid/kernel/attention_parts.h"
#include "braid/kernel/simd-inl.h"

#if defined(BRAID_KERNEL_ATTENTION_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BRAID_KERNEL_ATTENTION_PACK_INL_H_
#undef BRAID_KERNEL_ATTENTION_PACK_INL_H_
#else
#define BRAID_KERNEL_ATTENTION_PACK_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

HWY_INLINE int64_t whole_vectors(int64_t floats) {
  return (floats + lane_count() - 1) / lane_count();
}

// to = from * factor, then zeros up to whole vectors.
HWY_INLINE void pack_row(const float* from, int64_t width, float factor, float* to) {
  const FloatTag d;
  const int64_t lanes = lane_count();
  const auto scale = hn::Set(d, factor);
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes)
    hn::StoreU(hn::Mul(hn::LoadU(d, from + c), scale), d, to + c);
  if (c < width) hn::StoreU(hn::Mul(load_some(from + c, width - c), scale), d, to + c);
}

HWY_INLINE void unpack_row(const float* from, int64_t width, float factor, float* to) {
  const FloatTag d;
  const int64_t lanes = lane_count();
  const auto scale = hn::Set(d, factor);
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes)
    hn::StoreU(hn::Mul(hn::LoadU(d, from + c), scale), d, to + c);
  if (c < width) store_some(hn::Mul(hn::LoadU(d, from + c), scale), to + c, width - c);
}

HWY_INLINE void zero_floats(float* to, int64_t count) {
  std::memset(to, 0, static_cast<size_t>(count) * sizeof(float));
}

HWY_INLINE float dot_rows_of(const float* a, const float* b, int64_t width) {
  const FloatTag d;
  const int64_t lanes = lane_count();
  auto sum = hn::Zero(d);
  int64_t c = 0;
  for (; c + lanes <= width; c += lanes)
    sum = hn::MulAdd(hn::LoadU(d, a + c), hn::LoadU(d, b + c), sum);
  if (c < width) sum = hn::MulAdd(load_some(a + c, width - c), load_some(b + c, width - c), sum);
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// to[c, r] = from[r, c], c < columns. `rows` is a multiple of 4; rows of `from` have whole vectors,
// and `to` has room for a multiple of 4 rows.
HWY_INLINE void transpose_rows(const float* from, int64_t from_row, int64_t rows, int64_t columns,
                               float* to, int64_t to_row) {
#if HWY_TARGET == HWY_SCALAR
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) to[c * to_row + r] = from[r * from_row + c];
#else
  const hn::CappedTag<float, 4> d;
  for (int64_t r = 0; r < rows; r += 4) {
    for (int64_t c = 0; c < columns; c += 4) {
      const float* block = from + r * from_row + c;
      const auto r0 = hn::LoadU(d, block), r1 = hn::LoadU(d, block + from_row);
      const auto r2 = hn::LoadU(d, block + 2 * from_row), r3 = hn::LoadU(d, block + 3 * from_row);
      const auto even = hn::InterleaveLower(d, r0, r2), odd = hn::InterleaveLower(d, r1, r3);
      const auto even2 = hn::InterleaveUpper(d, r0, r2), odd2 = hn::InterleaveUpper(d, r1, r3);
      float* out = to + c * to_row + r;
      hn::StoreU(hn::InterleaveLower(d, even, odd), d, out);
      hn::StoreU(hn::InterleaveUpper(d, even, odd), d, out + to_row);
      hn::StoreU(hn::InterleaveLower(d, even2, odd2), d, out + 2 * to_row);
      hn::StoreU(hn::InterleaveUpper(d, even2, odd2), d, out + 3 * to_row);
    }
  }
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#endif
