#include "braid/block/attention.h"

#include <torch/types.h>

#include <cmath>

#include "braid/block/dropout.h"
#include "braid/block/matmul.h"
#include "braid/block/pooling.h"
#include "braid/core/error.h"

namespace braid {

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& mask, double drop) {
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(2)));
  auto scores = batched_matmul(q * scale, k.transpose(1, 2));  // [N, T, S]
  at::Tensor keep;
  if (mask.defined()) {
    const int64_t batch = mask.size(0), heads = q.size(0) / std::max<int64_t>(1, batch);
    scores = scores.view({batch, heads, q.size(1), k.size(1)});
    keep = mask.view({batch, 1, 1, k.size(1)});
  }
  const auto weights = masked_softmax(scores, keep).view({q.size(0), q.size(1), k.size(1)});
  return batched_matmul(apply_dropout(weights, drop, drop > 0), v);  // [N, T, d]
}

Attention::Attention(int64_t width, int64_t heads, double dropout)
    : heads_(heads), dropout_(dropout) {
  if (heads < 1 || width % heads != 0) {
    throw Error(ErrorCode::kShape, "attention: " + std::to_string(heads) +
                                       " heads do not divide width " + std::to_string(width));
  }
  input_ = register_module("input", std::make_shared<Linear>(width, 3 * width));
  output_ = register_module("output", std::make_shared<Linear>(width, width));
}

at::Tensor Attention::forward(const at::Tensor& x, const at::Tensor& mask) const {
  const int64_t batch = x.size(0), steps = x.size(1), width = x.size(2), head = width / heads_;
  const auto parts = input_->forward(x)
                         .view({batch, steps, 3, heads_, head})
                         .permute({2, 0, 3, 1, 4})  // [3, B, H, T, d]
                         .reshape({3, batch * heads_, steps, head});
  const auto seen = attend(parts[0], parts[1], parts[2], mask, is_training() ? dropout_ : 0);
  return output_->forward(
      seen.view({batch, heads_, steps, head}).transpose(1, 2).reshape({batch, steps, width}));
}

}  // namespace braid
