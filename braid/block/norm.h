// Normalisations with a learned scale (1 at first) and shift (0 at first).
//
//   y = (x - mean) / sqrt(var + eps) * weight + bias
//
// LayerNorm (Ba et al. 2016): over the last axis. GroupNorm (Wu, He 2018): over a group of channels
// of one sample. BatchNorm (Ioffe, Szegedy 2015): a channel over the batch in training, over
// running statistics otherwise.
#pragma once

#include "braid/block/module.h"

namespace braid {

class LayerNorm : public Module {
 public:
  explicit LayerNorm(int64_t width);
  at::Tensor forward(const at::Tensor& x) const;  // [..., width], same shape

  // Whether forward of x is norm_rows (norm_rows.h) of its rows: CPU float32 of this width.
  bool has_kernel_for(const at::Tensor& x) const;
  const at::Tensor& weight() const { return weight_; }  // [width]
  const at::Tensor& bias() const { return bias_; }      // [width]

 private:
  at::Tensor weight_, bias_;
};

// A normalisation of pictures [B, C, H, W].
class ImageNorm : public Module {
 public:
  virtual at::Tensor forward(const at::Tensor& x) = 0;
  virtual at::Tensor forward_relu(const at::Tensor& x);  // max(0, forward(x))

  // The branch that ends in this norm then starts as zero: residual blocks begin as the identity
  // (Goyal et al. 2017).
  void zero_weight();

 protected:
  explicit ImageNorm(int64_t channels);
  at::Tensor weight_, bias_;  // [C]
};

class BatchNorm final : public ImageNorm {
 public:
  explicit BatchNorm(int64_t channels);
  // In training it also moves the running statistics by a tenth.
  // Throws Error(kInput) for one value a channel in training: its variance says nothing.
  at::Tensor forward(const at::Tensor& x) override { return normed(x, false); }
  at::Tensor forward_relu(const at::Tensor& x) override { return normed(x, true); }
  bool mixes_samples() const override { return true; }

 private:
  at::Tensor normed(const at::Tensor& x, bool relu);

  at::Tensor mean_, variance_;  // [C], running
};

class GroupNorm final : public ImageNorm {
 public:
  GroupNorm(int64_t channels, int64_t groups);  // groups divides channels
  at::Tensor forward(const at::Tensor& x) override;

 private:
  int64_t groups_;
};

}  // namespace braid
