// Recipe keys of modality_attention. Torch-free.
#pragma once

#include <span>

#include "braid/core/config.h"

namespace braid {

enum class ModalityScore { kDot, kScaledDot, kAdditive };
inline std::span<const char* const> enum_names(ModalityScore*) {
  static constexpr const char* kNames[] = {"dot", "scaled_dot", "additive"};
  return kNames;
}

struct ModalityAttentionConfig {
  ModalityScore score = ModalityScore::kScaledDot;
  int64_t hidden = 64;
  bool unit = false;
};

template <class Field>
void visit(Field&& field, ModalityAttentionConfig& c) {
  field("score", c.score,
        "<h_i, h_j>; <W_q h_i, W_k h_j> / sqrt(hidden); or v . tanh(W_q h_i + W_k h_j)");
  field("hidden", c.hidden, closed<int64_t>(1, 16384),
        "width of queries and keys (scaled_dot, additive)");
  field("unit", c.unit, "vectors are brought to length 1 first");
}

}  // namespace braid
