// c = a b or c += a b for tiles that lie in the caches, one thread. Included by *_simd.cpp only.
//
// A block of kStrip rows by up to kBlock vectors of c stays in registers while the sum runs: every
// load feeds several multiply-adds. Sums run in one order whatever the tile, so a row of c does not
// depend on its neighbours.
#include "braid/kernel/simd-inl.h"

#if defined(BRAID_KERNEL_TILE_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BRAID_KERNEL_TILE_PRODUCT_INL_H_
#undef BRAID_KERNEL_TILE_PRODUCT_INL_H_
#else
#define BRAID_KERNEL_TILE_PRODUCT_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

// a[m, k] = a.data[m * a.row + k * a.step]
struct TileIn {
  const float* data;
  int64_t row;
  int64_t step;
};

// Rows of whole vectors.
struct TileRows {
  const float* data;
  int64_t row;
};

struct TileOut {
  float* data;
  int64_t row;
};

#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
constexpr int kBlock = 2;  // 16 registers: 12 sums, 2 of b, 1 of a
#else
constexpr int kBlock = 4;  // 32 registers: 24 sums, 4 of b, 1 of a
#endif
constexpr int kStrip = 6;
// Steps of the sum after which c is stored: so much of b stays in the first-level cache.
constexpr int64_t kDepth = 128;

template <int kRows, int kVectors>
HWY_NOINLINE void tile_block(int64_t depth, TileIn a, TileRows b, TileOut c, bool add) {
  const FloatTag d;
  const int64_t lanes = lane_count();
  Floats sums[kRows][kVectors];
  HWY_UNROLL(8)
  for (int m = 0; m < kRows; ++m) {
    HWY_UNROLL(8)
    for (int n = 0; n < kVectors; ++n)
      sums[m][n] = add ? hn::LoadU(d, c.data + m * c.row + n * lanes) : hn::Zero(d);
  }
  const float *left = a.data, *right = b.data;
  for (int64_t k = 0; k < depth; ++k, left += a.step, right += b.row) {
    Floats row[kVectors];
    HWY_UNROLL(8)
    for (int n = 0; n < kVectors; ++n) row[n] = hn::LoadU(d, right + n * lanes);
    HWY_UNROLL(8)
    for (int m = 0; m < kRows; ++m) {
      const auto x = hn::Set(d, left[m * a.row]);
      HWY_UNROLL(8)
      for (int n = 0; n < kVectors; ++n) sums[m][n] = hn::MulAdd(x, row[n], sums[m][n]);
    }
  }
  HWY_UNROLL(8)
  for (int m = 0; m < kRows; ++m) {
    HWY_UNROLL(8)
    for (int n = 0; n < kVectors; ++n) hn::StoreU(sums[m][n], d, c.data + m * c.row + n * lanes);
  }
}

template <int kVectors>
void tile_strips(int64_t rows, int64_t depth, TileIn a, TileRows b, TileOut c, bool add) {
  constexpr decltype(&tile_block<1, kVectors>) kRest[kStrip] = {nullptr,
                                                                tile_block<1, kVectors>,
                                                                tile_block<2, kVectors>,
                                                                tile_block<3, kVectors>,
                                                                tile_block<4, kVectors>,
                                                                tile_block<5, kVectors>};
  int64_t m = 0;
  for (; m + kStrip <= rows; m += kStrip) {
    tile_block<kStrip, kVectors>(depth, a, b, c, add);
    a.data += kStrip * a.row, c.data += kStrip * c.row;
  }
  if (m < rows) kRest[rows - m](depth, a, b, c, add);
}

// c [rows, vectors of floats] = a [rows, depth] b [depth, vectors], or += with `add`.
HWY_INLINE void tile_product(int64_t rows, int64_t vectors, int64_t depth, TileIn a, TileRows b,
                             TileOut c, bool add) {
  const int64_t lanes = lane_count(), blocks = (vectors + kBlock - 1) / kBlock;
  for (int64_t i = 0; i < blocks; ++i) {
    // Blocks of nearly the same width: one narrow rest would wait for its few sums.
    const int64_t first = vectors * i / blocks, count = vectors * (i + 1) / blocks - first;
    int64_t from = 0;
    do {
      const int64_t steps = depth - from < kDepth + kDepth / 2 ? depth - from : kDepth;
      const TileIn left = {a.data + from * a.step, a.row, a.step};
      const TileRows right = {b.data + from * b.row + first * lanes, b.row};
      const TileOut to = {c.data + first * lanes, c.row};
      const bool more = add || from > 0;
      if (count == 1) tile_strips<1>(rows, steps, left, right, to, more);
      if (count == 2) tile_strips<2>(rows, steps, left, right, to, more);
#if !(HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3)
      if (count == 3) tile_strips<3>(rows, steps, left, right, to, more);
      if (count == 4) tile_strips<4>(rows, steps, left, right, to, more);
#endif
      from += steps;
    } while (from < depth);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#endif
