// MLP-Mixer over sequences of a fixed length (Tolstikhin et al. 2021, eq. 1):
//   x += drop(mlp over steps(norm(x)));  x += drop(mlp over values(norm(x)))
// and a norm at the end. MLP: linear, GELU, linear.
#pragma once

#include "braid/block/mlp.h"
#include "braid/block/norm.h"
#include "braid/fusion/joint_config.h"

namespace braid {

class Mixer : public Module {
 public:
  Mixer(const JointConfig& config, int64_t length, int64_t width);
  at::Tensor forward(const at::Tensor& x) const;  // [B, L, D], same shape
  double flops() const;                           // of one sample

 private:
  struct Block {
    std::shared_ptr<LayerNorm> step_norm, value_norm;
    std::shared_ptr<Mlp> steps, values;
    double drop_path;
  };
  JointConfig config_;
  int64_t length_, width_;
  std::vector<Block> blocks_;
  std::shared_ptr<LayerNorm> norm_;
};

}  // namespace braid
