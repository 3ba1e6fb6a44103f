#include "braid/kernel/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "simd_targets.h"

namespace braid {
namespace {

using Numbers = std::vector<float>;

Numbers normal(int64_t count, uint64_t seed) {
  Rng rng(seed, 0, 0, "attention");
  Numbers values(static_cast<size_t>(count));
  for (auto& value : values) value = static_cast<float>(rng.normal());
  return values;
}

std::vector<int64_t> offsets_of(const std::vector<int64_t>& lengths) {
  std::vector<int64_t> offsets = {0};
  for (const int64_t length : lengths) offsets.push_back(offsets.back() + length);
  return offsets;
}

// A problem whose q, k, v lie side by side in rows with a gap, as a projection writes them.
struct Problem {
  std::string name;
  std::vector<int64_t> queries, keys;
  int64_t heads = 1, width = 1;
  bool causal = false;
  std::vector<uint8_t> mask = {};

  int64_t row() const { return 3 * heads * width + 5; }
};

struct Results {
  Numbers out, lse, d_q, d_k, d_v;
};

constexpr float kUntouched = 77;

Results run(const Problem& p, const AttentionKernel& kernel, float spread = 1) {
  const auto queries = offsets_of(p.queries), keys = offsets_of(p.keys);
  const AttentionShape shape{queries,
                             keys,
                             p.heads,
                             p.width,
                             1 / std::sqrt(static_cast<float>(p.width)),
                             p.causal,
                             p.mask.empty() ? nullptr : p.mask.data()};
  const int64_t rows = std::max(queries.back(), keys.back()), block = p.heads * p.width;
  auto x = normal(rows * p.row(), 3);
  for (auto& value : x) value *= spread;
  const auto d_out = normal(rows * p.row(), 4);
  const Numbers blank(x.size(), kUntouched);
  Results r{blank, Numbers(static_cast<size_t>(p.heads * queries.back()), kUntouched), blank, blank,
            blank};
  const auto in = [&](const Numbers& from, int64_t i) {
    return HeadsIn{from.data() + i * block, p.row(), p.width};
  };
  const auto to = [&](Numbers& into, int64_t i) {
    return HeadsOut{into.data() + i * block, p.row(), p.width};
  };
  kernel.forward(shape, {in(x, 0), in(x, 1), in(x, 2), to(r.out, 1), r.lse.data()});
  kernel.backward(shape, {in(x, 0), in(x, 1), in(x, 2), in(r.out, 1), in(d_out, 0), r.lse.data(),
                          to(r.d_q, 0), to(r.d_k, 1), to(r.d_v, 2)});
  return r;
}

// Sums of a few hundred products of order 1 in single precision, beside the judge's double ones;
// infinities and what must stay untouched agree exactly.
void expect_same(const Numbers& got, const Numbers& want, const char* what) {
  ASSERT_EQ(got.size(), want.size());
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (got[i] == want[i]) continue;
    worst = std::max(worst, std::abs(static_cast<double>(got[i]) - want[i]) /
                                (1 + std::abs(static_cast<double>(want[i]))));
    if (!(std::abs(got[i] - want[i]) <= 2e-5 * (1 + std::abs(want[i])))) {
      FAIL() << what << "[" << i << "] is " << got[i] << ", expected " << want[i];
    }
  }
}

void expect_agrees(const Problem& p) {
  const testing::ScopedTrace trace(__FILE__, __LINE__, p.name);
  const auto want = run(p, attention_kernels().back());
  on_every_simd([&] {
    const auto got = run(p, attention_kernels().front());
    expect_same(got.out, want.out, "out");
    expect_same(got.lse, want.lse, "lse");
    expect_same(got.d_q, want.d_q, "d_q");
    expect_same(got.d_k, want.d_k, "d_k");
    expect_same(got.d_v, want.d_v, "d_v");
  });
}

std::vector<uint8_t> every(size_t count, size_t nth) {
  std::vector<uint8_t> mask(count);
  for (size_t i = 0; i < count; ++i) mask[i] = i % nth != 0;
  return mask;
}

TEST(AttentionKernels, AgreeOnOddWidthsAndLengths) {
  for (const int64_t width : {1, 3, 4, 7, 16, 20, 31, 48, 64, 80})
    expect_agrees({"width " + std::to_string(width), {5, 13}, {5, 13}, 2, width});
  for (const int64_t steps : {1, 2, 6, 15, 16, 17, 33, 49})
    expect_agrees({"steps " + std::to_string(steps), {steps}, {steps}, 3, 8});
}

TEST(AttentionKernels, AgreeOnEmptyAndCrossedSegments) {
  expect_agrees({"empty ones", {0, 3, 0, 7, 0}, {0, 3, 0, 7, 0}, 2, 5});
  expect_agrees({"keys alone, queries alone", {4, 0, 2}, {0, 6, 2}, 2, 9});
  expect_agrees({"other lengths", {1, 20, 3}, {19, 2, 5}, 1, 12});
  expect_agrees({"no segment", {}, {}, 2, 4});
}

TEST(AttentionKernels, AgreeUnderMasks) {
  expect_agrees({"every third hidden", {9, 20}, {9, 20}, 2, 6, false, every(29, 3)});
  expect_agrees({"all hidden", {4, 3}, {4, 3}, 2, 6, false, std::vector<uint8_t>(7, 0)});
  auto first = std::vector<uint8_t>(12, 1);
  std::fill_n(first.begin(), 5, 0);
  expect_agrees({"a whole segment hidden", {5, 7}, {5, 7}, 2, 6, false, first});
  expect_agrees({"causal", {1, 18, 33}, {1, 18, 33}, 2, 10, true});
  expect_agrees({"causal, more keys", {3, 2}, {9, 1}, 1, 4, true});
  expect_agrees({"causal, first keys hidden", {5, 7}, {5, 7}, 2, 6, true, every(12, 2)});
}

TEST(AttentionKernels, AgreeAcrossBlocksOfKeysAndTilesOfQueries) {
  expect_agrees({"two blocks", {300}, {300}, 1, 8});
  expect_agrees({"three blocks", {50}, {600}, 1, 5});
  expect_agrees({"causal", {530}, {530}, 1, 4, true});
  expect_agrees({"masked", {270}, {530}, 1, 4, false, every(530, 4)});
}

TEST(AttentionKernels, StandScoresFarApart) {
  Problem p{"steep", {40}, {300}, 1, 16};
  const auto want = run(p, attention_kernels().back(), 12);
  on_every_simd([&] {
    const auto got = run(p, attention_kernels().front(), 12);
    // Scores reach 600: a rounding of 2^-24 of it is what the weights can know.
    double worst = 0;
    for (size_t i = 0; i < got.out.size(); ++i)
      worst = std::max(worst, std::abs(static_cast<double>(got.out[i]) - want.out[i]));
    EXPECT_LE(worst, 12 * 5 * 600 * 6e-8 * 4);
  });
}

TEST(AttentionKernels, NotANumberComesThrough) {
  const std::vector<int64_t> offsets = {0, 20};
  const AttentionShape shape{offsets, offsets, 1, 4, 0.5f};
  for (const auto& kernel : attention_kernels()) {
    on_every_simd([&] {
      for (const int64_t place : {0, 19 * 4 + 3}) {
        auto k = normal(80, 1);
        const auto q = normal(80, 2), v = normal(80, 3);
        k[static_cast<size_t>(place)] = std::numeric_limits<float>::quiet_NaN();
        Numbers out(80), lse(20);
        kernel.forward(
            shape,
            {{q.data(), 4, 4}, {k.data(), 4, 4}, {v.data(), 4, 4}, {out.data(), 4, 4}, lse.data()});
        for (const float value : out) EXPECT_TRUE(std::isnan(value)) << kernel.name;
      }
    });
  }
}

TEST(AttentionKernels, SameBytesEveryTimeAndForAnyNumberOfThreads) {
  const Problem p{"many", {70, 3, 41, 0, 300}, {70, 3, 41, 0, 300}, 3, 24};
  const auto once = run(p, attention_kernels().front());
  for (int i = 0; i < 3; ++i) {
    const auto again = run(p, attention_kernels().front());
    EXPECT_EQ(once.out, again.out);
    EXPECT_EQ(once.lse, again.lse);
    EXPECT_EQ(once.d_q, again.d_q);
    EXPECT_EQ(once.d_k, again.d_k);
    EXPECT_EQ(once.d_v, again.d_v);
  }
}

// One query (2, 0) and keys (0, 5), (ln 3 / sqrt 2, 7) at scale 1 / sqrt 2: weights 1/4 and 3/4.
TEST(AttentionKernels, GiveTheHandWorkedMean) {
  const std::vector<int64_t> queries = {0, 1}, keys = {0, 2};
  const Numbers q = {2, 0}, v = {4, 0, 0, 4};
  const float step = static_cast<float>(std::log(3.0) / std::sqrt(2.0));
  const Numbers k = {0, 5, step, 7};
  for (const auto& kernel : attention_kernels()) {
    Numbers out(2), lse(1);
    kernel.forward(
        {queries, keys, 1, 2, static_cast<float>(1 / std::sqrt(2.0))},
        {{q.data(), 2, 2}, {k.data(), 2, 2}, {v.data(), 2, 2}, {out.data(), 2, 2}, lse.data()});
    EXPECT_NEAR(out[0], 1, 1e-6) << kernel.name;
    EXPECT_NEAR(out[1], 3, 1e-6) << kernel.name;
    EXPECT_NEAR(lse[0], std::log(4.0), 1e-6) << kernel.name;
  }
}

TEST(AttentionKernels, CountOperationsOfVisiblePairs) {
  const std::vector<int64_t> offsets = {0, 3, 5};
  EXPECT_EQ(attention_flops({offsets, offsets, 2, 8}, false), 4 * (9 + 4) * 16);
  EXPECT_EQ(attention_flops({offsets, offsets, 2, 8, 1, true}, true), 14 * (6 + 3) * 16);
}

TEST(AttentionKernels, RefuseOffsetsAndSizesThatCannotBe) {
  const auto attempt = [](std::vector<int64_t> queries, std::vector<int64_t> keys, int64_t width) {
    attention_forward({queries, keys, 1, width}, {});
  };
  EXPECT_THROW(attempt({0, 3, 2}, {0, 3, 3}, 4), Error);
  EXPECT_THROW(attempt({1, 3}, {0, 3}, 4), Error);
  EXPECT_THROW(attempt({}, {0}, 4), Error);
  EXPECT_THROW(attempt({0, 3}, {0, 3, 4}, 4), Error);
  EXPECT_THROW(attempt({0, 3}, {0, 3}, 0), Error);
}

}  // namespace
}  // namespace braid
