#include "braid/kernel/adamw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "braid/core/rng.h"
#include "simd_targets.h"

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

  AdamwSlot slot(const std::vector<float>& g) {
    return {static_cast<int64_t>(p.size()), p.data(), g.data(), m.data(), v.data()};
  }
};

void step_one(const AdamwStep& step, const AdamwSlot& slot) { adamw(step, {&slot, 1}); }

TEST(Adamw, FirstStepByHand) {
  // t = 1: m / (1 - b1) = g and v / (1 - b2) = g^2, so the step is lr (g / (|g| + eps) + decay p).
  const AdamwStep step{0.1, 0.9, 0.98, 0.5, 0.01, 1, 1.0};
  const float g[] = {2, -0.5};
  float p[] = {1, -4}, m[] = {0, 0}, v[] = {0, 0};
  step_one(step, {2, p, g, m, v});
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
  step_one(step, a.slot(g));
  step.scale = 1;
  step_one(step, b.slot(half));
  EXPECT_EQ(a.p, b.p);
  EXPECT_EQ(a.v, b.v);
}

TEST(Adamw, StaysOnTheReferenceOverManySteps) {
  constexpr size_t kCount = 1001;
  on_every_simd([&] {
    State fast{normals(kCount, 3), std::vector<float>(kCount), std::vector<float>(kCount)};
    State slow = fast;
    AdamwStep step{0.003, 0.9, 0.98, 1e-8, 0.1, 0, 0.7};
    for (step.step = 1; step.step <= 50; ++step.step) {
      const auto g = normals(kCount, 100 + static_cast<uint64_t>(step.step));
      step_one(step, fast.slot(g));
      adamw_ref(step, slow.slot(g));
    }
    // 50 steps of at most lr each, every one rounded in float against double: 50 * 2^-24 * ~4.
    for (size_t i = 0; i < kCount; ++i) {
      EXPECT_NEAR(fast.p[i], slow.p[i], 2e-5) << i;
      EXPECT_NEAR(fast.m[i], slow.m[i], 1e-5) << i;
      EXPECT_NEAR(fast.v[i], slow.v[i], 1e-5) << i;
    }
  });
}

TEST(Adamw, ManyParametersAtOnceGiveTheBytesOfOneByOne) {
  const AdamwStep step{0.01, 0.9, 0.98, 1e-8, 0.1, 3, 1.0};
  std::vector<State> together;
  std::vector<std::vector<float>> gradients;
  for (const size_t n : {70001u, 1u, 0u, 17u, 32768u}) {  // over, at and far below a thread's part
    together.push_back({normals(n, n), normals(n, n + 1), std::vector<float>(n, 0.5f)});
    gradients.push_back(normals(n, n + 2));
  }
  auto apart = together;
  std::vector<AdamwSlot> slots;
  for (size_t i = 0; i < together.size(); ++i) {
    slots.push_back(together[i].slot(gradients[i]));
    slots.back().decays = i % 2;
  }
  adamw(step, slots);
  for (size_t i = 0; i < apart.size(); ++i) {
    auto slot = apart[i].slot(gradients[i]);
    slot.decays = i % 2;
    step_one(step, slot);
    EXPECT_EQ(apart[i].p, together[i].p);
    EXPECT_EQ(apart[i].m, together[i].m);
    EXPECT_EQ(apart[i].v, together[i].v);
  }
  adamw(step, {});
}

TEST(SumOfSquares, AddsInDouble) {
  const auto a = normals(70001, 1), b = normals(13, 2);
  const std::vector<float> huge(3, 1e30f);  // its square is no float
  const std::vector<FloatSpan> parts = {{a.data(), 70001}, {nullptr, 0}, {b.data(), 13}};
  on_every_simd([&] {
    EXPECT_NEAR(sum_of_squares(parts), sum_of_squares_ref(parts), 1e-9 * 70001);
    const FloatSpan large{huge.data(), 3};
    EXPECT_NEAR(sum_of_squares({&large, 1}) / 3e60, 1, 1e-6);
    EXPECT_EQ(sum_of_squares({}), 0);
  });
}

TEST(Adamw, ABrokenGradientBreaksItsOwnPlaceOnly) {
  const float g[] = {1, std::numeric_limits<float>::infinity(), 1};
  float p[] = {1, 1, 1}, m[3] = {}, v[3] = {};
  step_one({0.1, 0.9, 0.98, 1e-8, 0, 1, 1.0}, {3, p, g, m, v});
  EXPECT_NEAR(p[0], 0.9, 1e-6);
  EXPECT_TRUE(std::isnan(p[1]));
  EXPECT_EQ(p[0], p[2]);
}

}  // namespace
}  // namespace braid
