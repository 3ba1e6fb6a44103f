// What the convolutional encoders share: the stages, and how their last map becomes one vector.
#pragma once

#include <memory>
#include <vector>

#include "braid/block/pooling.h"
#include "braid/encoder/cnn.h"
#include "braid/encoder/encoder.h"

namespace braid {

class CnnStage;

// Throws Error(kConfig) at the key that does not fit.
void check_stages(const ConfigNode& node, const CnnConfig& config);

class CnnTrunk : public Encoder {
 public:
  ~CnnTrunk() override;
  int64_t width() const override;
  int64_t token_width() const override { return config_.stages.back(); }

 protected:
  CnnTrunk(const CnnConfig& config, int64_t channels);

  // [B, C, H, W] -> [B, D, h, w]. `rows` [B, H] bool, undefined: all real. Others are zeros before
  // every convolution, so that what stands behind a sequence's end changes nothing. It becomes the
  // mask [B, h] of the result.
  at::Tensor map(const at::Tensor& x, at::Tensor* rows) const;

  // Tokens [B, T, D] -> [B, width()], with the recipe's dropout. `mask` [B, T] or undefined.
  at::Tensor pool(const at::Tensor& tokens, const at::Tensor& mask) const;

  double map_flops(int64_t height, int64_t width) const;

 private:
  CnnConfig config_;
  std::vector<std::shared_ptr<CnnStage>> stages_;
  std::shared_ptr<AttentionPool> pool_;
};

}  // namespace braid
