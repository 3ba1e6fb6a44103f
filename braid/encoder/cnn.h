// The recipe keys of the residual convolutional network. Torch-free.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "braid/core/config.h"

namespace braid {

enum class CnnNorm { kBatch, kGroup };
enum class CnnActivation { kRelu, kGelu };
enum class CnnPooling { kMean, kMeanMax, kAttention };

inline std::span<const char* const> enum_names(CnnNorm*) {
  static constexpr std::array<const char*, 2> kNames = {"batch", "group"};
  return kNames;
}
inline std::span<const char* const> enum_names(CnnActivation*) {
  static constexpr std::array<const char*, 2> kNames = {"relu", "gelu"};
  return kNames;
}
inline std::span<const char* const> enum_names(CnnPooling*) {
  static constexpr std::array<const char*, 3> kNames = {"mean", "mean_max", "attention"};
  return kNames;
}

struct CnnConfig {
  std::vector<int64_t> stages = {32, 64, 128, 256};
  std::vector<int64_t> blocks = {1};
  int64_t stem_stride = 2;
  CnnNorm norm = CnnNorm::kBatch;
  int64_t group_width = 16;
  CnnActivation activation = CnnActivation::kRelu;
  CnnPooling pooling = CnnPooling::kMean;
  double dropout = 0.1;
  double drop_path = 0;
};

template <class Field>
void visit(Field&& field, CnnConfig& c) {
  field("stages", c.stages,
        "channels of each stage; every stage after the first halves the picture");
  field("blocks", c.blocks, "residual blocks a stage; one number for all, or one for each");
  field("stem_stride", c.stem_stride, closed<int64_t>(1, 4), "stride of the first convolution");
  field("norm", c.norm, "batch (fast) or group (the same alone and in a batch)");
  field("group_width", c.group_width, closed<int64_t>(1, 4096),
        "channels in a group of norm: group");
  field("activation", c.activation);
  field("pooling", c.pooling, "of the last feature map; mean_max puts both side by side");
  field("dropout", c.dropout, half_open(0.0, 1.0), "of the pooled vector");
  field("drop_path", c.drop_path, half_open(0.0, 1.0), "of whole residual branches");
}

}  // namespace braid
