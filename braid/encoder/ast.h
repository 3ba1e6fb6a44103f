// The recipe keys of the audio spectrogram transformer. Torch-free.
#pragma once

#include "braid/encoder/trunk_config.h"

namespace braid {

struct AstConfig {
  int64_t patch_frames = 16;
  int64_t patch_bands = 16;
  Trunk trunk = Trunk::kOwn;
  int64_t width = 192;
  int64_t depth = 4;
  int64_t heads = 3;
  int64_t mlp_ratio = 4;
  double dropout = 0.1;
  double attention_dropout = 0;
  double drop_path = 0;
};

template <class Field>
void visit(Field&& field, AstConfig& c) {
  field("patch_frames", c.patch_frames, closed<int64_t>(1, 1024), "frames of a patch");
  field("patch_bands", c.patch_bands, closed<int64_t>(1, 512),
        "bands of a patch; divides the modality's");
  field("trunk", c.trunk, kTrunkHelp);
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
