#include "braid/kernel/adamw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "braid/core/rng.h"

namespace braid {
namespace {

std::vector<float> normals(size_t n, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(n);
  for (auto& value : values) value = static_cast<float>(rng.normal());
  return values;
}

struct State {
  std::vector<float> p, m, v;
};

TEST(Adamw, FirstStepByHand) {
  // t = 1: m / (1 - b1) = g and v / (1 - b2) = g^2, so the step is lr (g / (|g| + eps) + decay p).
  const AdamwStep step{0.1, 0.9, 0.98, 0.5, 0.01, 1, 1.0};
  const float g[] = {2, -0.5};
  float p[] = {1, -4}, m[] = {0, 0}, v[] = {0, 0};
  adamw(step, 2, p, g, m, v);
  // Rounding of a few float operations: 1e-6 relative.
  EXPECT_NEAR(m[0], 0.2, 1e-7);
  EXPECT_NEAR(v[0], 0.08, 1e-7);
  EXPECT_NEAR(p[0], 1 - 0.1 * (2 / 2.5 + 0.01), 1e-6);
  EXPECT_NEAR(m[1], -0.05, 1e-7);
  EXPECT_NEAR(v[1], 0.005, 1e-8);
  EXPECT_NEAR(p[1], -4 - 0.1 * (-0.5 / 1.0 + 0.01 * -4), 1e-6);
}

TEST(Adamw, ScaleIsTheGradientsFactor) {
  const auto g = normals(100, 1);
  std::vector<float> half(g);
  for (auto& value : half) value *= 0.5f;
  State a{normals(100, 2), std::vector<float>(100), std::vector<float>(100)}, b = a;
  AdamwStep step{0.01, 0.9, 0.999, 1e-8, 0.1, 1, 0.5};
  adamw(step, 100, a.p.data(), g.data(), a.m.data(), a.v.data());
  step.scale = 1;
  adamw(step, 100, b.p.data(), half.data(), b.m.data(), b.v.data());
  EXPECT_EQ(a.p, b.p);
  EXPECT_EQ(a.v, b.v);
}

TEST(Adamw, StaysOnTheReferenceOverManySteps) {
  constexpr size_t kCount = 1001;
  State fast{normals(kCount, 3), std::vector<float>(kCount), std::vector<float>(kCount)};
  State slow = fast;
  AdamwStep step{0.003, 0.9, 0.98, 1e-8, 0.1, 0, 0.7};
  for (step.step = 1; step.step <= 50; ++step.step) {
    const auto g = normals(kCount, 100 + static_cast<uint64_t>(step.step));
    adamw(step, kCount, fast.p.data(), g.data(), fast.m.data(), fast.v.data());
    adamw_ref(step, kCount, slow.p.data(), g.data(), slow.m.data(), slow.v.data());
  }
  // 50 steps of at most lr each, every one rounded in float against double: 50 * 2^-24 * ~4.
  for (size_t i = 0; i < kCount; ++i) {
    EXPECT_NEAR(fast.p[i], slow.p[i], 2e-5) << i;
    EXPECT_NEAR(fast.m[i], slow.m[i], 1e-5) << i;
    EXPECT_NEAR(fast.v[i], slow.v[i], 1e-5) << i;
  }
}

TEST(Adamw, ManyThreadsGiveTheBytesOfOne) {
  constexpr size_t kCount = 70001;  // over the limit of the parallel loop
  const auto g = normals(kCount, 5);
  State whole{normals(kCount, 6), std::vector<float>(kCount), std::vector<float>(kCount)};
  State parts = whole;
  const AdamwStep step{0.01, 0.9, 0.98, 1e-8, 0.1, 1, 1.0};
  adamw(step, kCount, whole.p.data(), g.data(), whole.m.data(), whole.v.data());
  for (size_t begin = 0; begin < kCount; begin += 1000) {
    const size_t n = std::min<size_t>(1000, kCount - begin);
    adamw(step, static_cast<int64_t>(n), parts.p.data() + begin, g.data() + begin,
          parts.m.data() + begin, parts.v.data() + begin);
  }
  // Vector and scalar lanes may fuse differently: a unit in the last place.
  for (size_t i = 0; i < kCount; ++i) EXPECT_FLOAT_EQ(whole.p[i], parts.p[i]);
}

TEST(Adamw, ABrokenGradientBreaksItsOwnPlaceOnly) {
  const float g[] = {1, std::numeric_limits<float>::infinity(), 1};
  float p[] = {1, 1, 1}, m[3] = {}, v[3] = {};
  adamw({0.1, 0.9, 0.98, 1e-8, 0, 1, 1.0}, 3, p, g, m, v);
  EXPECT_NEAR(p[0], 0.9, 1e-6);
  EXPECT_TRUE(std::isnan(p[1]));
  EXPECT_EQ(p[0], p[2]);
}

}  // namespace
}  // namespace braid
