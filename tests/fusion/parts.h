// Batches of parts for the tests of this folder, and how parts change places.
#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <limits>
#include <string>
#include <vector>

#include "braid/fusion/fusion.h"

namespace braid {

inline at::Tensor rows(std::vector<double> values, int64_t width) {
  return at::tensor(values, at::kFloat).view({-1, width});
}

inline at::Tensor present_of(std::vector<int64_t> flags) {
  return at::tensor(flags, at::kLong).to(at::kBool);
}

// A part without tokens: pooled [B, D], present [B].
inline Embedding vector_part(const at::Tensor& pooled, std::vector<int64_t> present) {
  return {{}, pooled, present_of(std::move(present))};
}

// tokens [B, T, D] of which mask [B, T] are real; pooled is their mean over all steps.
inline Embedding token_part(const at::Tensor& tokens, const at::Tensor& mask,
                            const at::Tensor& present) {
  return {{tokens, Segments::of_mask(mask)}, tokens.mean(1), present};
}

inline std::shared_ptr<Fusion> fusion_of(const std::string& yaml, int64_t width,
                                         std::vector<std::string> fields = {"a", "b"}) {
  return make_fusion(ConfigNode::parse(yaml, "r.yaml"), {width, std::move(fields)});
}

// Sets a parameter by its name.
inline void set(const Fusion& fusion, const std::string& name, const at::Tensor& value) {
  const at::NoGradGuard no_grad;
  for (auto [known, parameter] : fusion.named_parameters()) {
    if (known == name) return static_cast<void>(parameter.copy_(value));
  }
  FAIL() << "no parameter " << name;
}

inline void expect_near(const at::Tensor& got, const at::Tensor& want, double tolerance = 1e-6) {
  ASSERT_EQ(got.sizes(), want.sizes());
  // Not EXPECT_LE on the difference alone: NaN must fail.
  EXPECT_TRUE(((got - want).abs() <= tolerance).all().item<bool>()) << got << "\nwant\n" << want;
}

}  // namespace braid
