// The transformer of fusions that read tokens, and how many tokens they read.
#pragma once

#include <numeric>

#include "braid/block/transformer.h"
#include "braid/fusion/joint_config.h"
#include "braid/fusion/parts.h"

namespace braid {

inline TransformerShape joint_shape(const JointConfig& c, int64_t width) {
  return {width, c.depth, c.heads, c.mlp_ratio, c.dropout, c.attention_dropout, c.drop_path};
}

// As Fusion::flops takes them: one a field where none are given.
inline int64_t total_tokens(const std::vector<int64_t>& tokens, size_t fields) {
  if (tokens.empty()) return static_cast<int64_t>(fields);
  return std::accumulate(tokens.begin(), tokens.end(), int64_t{0});
}

}  // namespace braid
