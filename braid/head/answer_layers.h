// The layers that all heads are made of: norm, dropout, a hidden layer where the recipe asks for
// one, a linear map. The norm takes out how long the fused vector is, which each fusion does its
// way.
#pragma once

#include "braid/block/linear.h"
#include "braid/block/mlp.h"
#include "braid/block/norm.h"
#include "braid/head/head_config.h"

namespace braid {

class AnswerLayers : public Module {
 public:
  AnswerLayers(const HeadConfig& config, int64_t in, int64_t out);
  at::Tensor forward(const at::Tensor& x) const;  // [B, in] -> [B, out]
  double flops() const { return flops_; }

 private:
  double dropout_, flops_;
  std::shared_ptr<LayerNorm> norm_;
  std::shared_ptr<Linear> linear_;  // one of the two
  std::shared_ptr<Mlp> mlp_;
};

}  // namespace braid
