// The recipe keys of a transformer that several fields share. Torch-free.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "braid/core/config.h"

namespace braid {

inline constexpr const char* kSharedTrunk = "shared-trunk";  // a part beside those of fields

// Whose transformer an encoder runs its tokens through.
enum class Trunk { kOwn, kShared };

inline std::span<const char* const> enum_names(Trunk*) {
  static constexpr std::array<const char*, 2> kNames = {"own", "shared"};
  return kNames;
}

inline constexpr const char* kTrunkHelp =
    "own, or shared: the recipe's `trunk`, one transformer of all fields that say so; width, "
    "depth, "
    "heads and the like are then its";

struct TrunkConfig {
  int64_t width = 192;
  int64_t depth = 4;
  int64_t heads = 3;
  int64_t mlp_ratio = 4;
  double dropout = 0.1;
  double attention_dropout = 0;
  double drop_path = 0;
};

// The keys are those of encoders that may take part, by the same names.
template <class Field>
void visit(Field&& field, TrunkConfig& c) {
  field("width", c.width, closed<int64_t>(1, 16384), "width of tokens");
  field("depth", c.depth, closed<int64_t>(1, 128), "transformer blocks");
  field("heads", c.heads, closed<int64_t>(1, 256), "attention heads; divides width");
  field("mlp_ratio", c.mlp_ratio, closed<int64_t>(1, 16), "hidden width of an MLP, in widths");
  field("dropout", c.dropout, half_open(0.0, 1.0),
        "of tokens, of each branch and of the pooled vector");
  field("attention_dropout", c.attention_dropout, half_open(0.0, 1.0),
        "of attention weights; above 0 training takes a slower path");
  field("drop_path", c.drop_path, half_open(0.0, 1.0),
        "of whole branches at the last block; 0 at the first");
}

}  // namespace braid
