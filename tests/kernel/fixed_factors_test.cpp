#include "braid/kernel/fixed_factors.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "braid/kernel/linear.h"

namespace braid {
namespace {

constexpr LinearShape kShape{1500, 40, 24};  // rows enough for a copy to be made

std::vector<float> drawn_values(int64_t count, uint32_t seed) {
  std::mt19937 draws(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<size_t>(count));
  for (auto& value : values) value = normal(draws);
  return values;
}

std::span<const std::byte> bytes_of(const std::vector<float>& x) {
  return std::as_bytes(std::span(x));
}

std::vector<float> product(const std::vector<float>& x, const std::vector<float>& w) {
  std::vector<float> y(static_cast<size_t>(kShape.rows * kShape.out));
  linear_forward(kShape, {x.data(), kShape.in}, {w.data(), kShape.in}, nullptr,
                 {y.data(), kShape.out});
  return y;
}

TEST(FixedFactors, ChangeNoBitAndEndWithTheirMemory) {
  const auto x = drawn_values(kShape.rows * kShape.in, 1);
  auto w = drawn_values(kShape.out * kShape.in, 2);
  const auto first = product(x, w);
  {
    const FixedFactors fixed({bytes_of(w)});
    EXPECT_EQ(product(x, w), first);
    EXPECT_EQ(product(x, w), first);
#if defined(__x86_64__)
    EXPECT_GE(kept_copy_bytes(), w.size() * sizeof(float));
    const auto once = kept_copy_bytes();
    EXPECT_EQ(product(x, w), first);
    EXPECT_EQ(kept_copy_bytes(), once);
#endif
  }
  EXPECT_EQ(kept_copy_bytes(), 0u);
  for (auto& value : w) value *= 2;
  const FixedFactors again({bytes_of(w)});
  const auto twice = product(x, w);
  for (size_t i = 0; i < first.size(); ++i) ASSERT_EQ(twice[i], 2 * first[i]);
}

TEST(FixedFactors, HoldForTheirOwnBytesAlone) {
  const auto x = drawn_values(kShape.rows * kShape.in, 1);
  auto w = drawn_values(2 * kShape.out * kShape.in, 2);
  const auto half = bytes_of(w).size() / 2;
  const FixedFactors fixed({bytes_of(w).first(half - 4), bytes_of(w).first(0)});
  product(x, w);  // reaches four bytes beyond
  product(x, {w.begin() + kShape.out * kShape.in, w.end()});
  EXPECT_EQ(kept_copy_bytes(), 0u);
}

TEST(FixedFactors, MoveWithTheirOwner) {
  const auto x = drawn_values(kShape.rows * kShape.in, 1);
  const auto w = drawn_values(kShape.out * kShape.in, 2);
  FixedFactors fixed({bytes_of(w)});
  FixedFactors other = std::move(fixed);
  product(x, w);
  fixed = FixedFactors();
#if defined(__x86_64__)
  EXPECT_GT(kept_copy_bytes(), 0u);
#endif
  other = FixedFactors();
  EXPECT_EQ(kept_copy_bytes(), 0u);
}

}  // namespace
}  // namespace braid
