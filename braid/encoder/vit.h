// The recipe keys of the vision transformer. Torch-free.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "braid/core/config.h"
#include "braid/encoder/trunk_config.h"

namespace braid {

enum class VitPooling { kMean, kClass };

inline std::span<const char* const> enum_names(VitPooling*) {
  static constexpr std::array<const char*, 2> kNames = {"mean", "class"};
  return kNames;
}

struct VitConfig {
  int64_t patch = 8;
  int64_t width = 192;
  int64_t depth = 4;
  int64_t heads = 3;
  int64_t mlp_ratio = 4;
  double dropout = 0.1;
  double attention_dropout = 0;
  double drop_path = 0;
  Trunk trunk = Trunk::kOwn;
  double patch_dropout = 0;
  VitPooling pooling = VitPooling::kMean;
};

template <class Field>
void visit(Field&& field, VitConfig& c) {
  field("patch", c.patch, closed<int64_t>(1, 256),
        "side of a patch, pixels; divides the picture's side");
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
  field("trunk", c.trunk, kTrunkHelp);
  field("patch_dropout", c.patch_dropout, half_open(0.0, 1.0),
        "share of patches left out in training, others for each picture and step: less work a "
        "step; never the class token");
  field("pooling", c.pooling, "mean of the patches, or a class token of its own");
}

}  // namespace braid
