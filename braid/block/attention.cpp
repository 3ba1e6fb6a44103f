#include "braid/block/attention.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <cmath>

#include "braid/block/cross_attention.h"
#include "braid/block/dropout.h"
#include "braid/block/heads.h"
#include "braid/block/matmul.h"
#include "braid/block/pooling.h"
#include "braid/block/rows.h"
#include "braid/core/array.h"
#include "braid/core/error.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

AttentionShape self_shape(const at::Tensor& qkv, const std::vector<int64_t>& offsets,
                          int64_t heads, bool causal) {
  return attention_shape(offsets, offsets, heads, qkv.size(1) / (3 * heads), causal);
}

struct AttentionFunction : public Function<AttentionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& qkv,
                            const std::vector<int64_t>& offsets, int64_t heads, bool causal) {
    const auto shape = self_shape(qkv, offsets, heads, causal);
    auto out = at::empty({qkv.size(0), qkv.size(1) / 3}, qkv.options());
    auto lse = at::empty({heads, qkv.size(0)}, qkv.options());
    attention_forward(shape,
                      {heads_in(qkv, 0, shape), heads_in(qkv, 1, shape), heads_in(qkv, 2, shape),
                       heads_out(out, 0, shape), lse.data_ptr<float>()});
    context->saved_data["offsets"] = offsets;
    context->saved_data["heads"] = heads;
    context->saved_data["causal"] = causal;
    context->save_for_backward({qkv, out, lse});
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &qkv = saved[0], &out = saved[1], &lse = saved[2];
    const auto offsets = context->saved_data["offsets"].toIntVector();
    const auto shape = self_shape(qkv, offsets, context->saved_data["heads"].toInt(),
                                  context->saved_data["causal"].toBool());
    const auto d_out = gradients[0].contiguous();
    auto d_qkv = at::empty_like(qkv);
    attention_backward(
        shape,
        {heads_in(qkv, 0, shape), heads_in(qkv, 1, shape), heads_in(qkv, 2, shape),
         heads_in(out, 0, shape), heads_in(d_out, 0, shape), lse.data_ptr<float>(),
         heads_out(d_qkv, 0, shape), heads_out(d_qkv, 1, shape), heads_out(d_qkv, 2, shape)});
    return {d_qkv, {}, {}, {}};
  }
};

}  // namespace

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& mask, double drop, at::Tensor* weights, bool causal) {
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(2)));
  auto scores = batched_matmul(q * scale, k.transpose(1, 2));  // [N, T, S]
  at::Tensor keep;
  if (mask.defined()) {
    const int64_t batch = mask.size(0), heads = q.size(0) / std::max<int64_t>(1, batch);
    scores = scores.view({batch, heads, q.size(1), k.size(1)});
    keep = mask.view({batch, 1, 1, k.size(1)});
  }
  if (causal) {
    const auto past = at::ones({q.size(1), k.size(1)}, scores.options().dtype(at::kBool)).tril();
    keep = keep.defined() ? keep.logical_and(past) : past;
  }
  const auto seen = masked_softmax(scores, keep).view({q.size(0), q.size(1), k.size(1)});
  if (weights) *weights = seen;
  return batched_matmul(apply_dropout(seen, drop, drop > 0), v);  // [N, T, d]
}

at::Tensor attend_rows(const at::Tensor& qkv, const Segments& segments, int64_t heads, double drop,
                       at::Tensor* weights, bool causal) {
  if (qkv.dim() != 2 || qkv.size(0) != segments.rows() || qkv.size(1) % (3 * heads) != 0) {
    throw Error(ErrorCode::kShape, "attention: expected [" + std::to_string(segments.rows()) +
                                       ", 3 * width] for " + std::to_string(heads) +
                                       " heads, got " + shape_text(qkv.sizes().vec()));
  }
  if (drop == 0 && !weights && has_kernel(qkv))
    return AttentionFunction::apply(qkv.contiguous(), segments.offsets(), heads, causal);
  const int64_t width = qkv.size(1) / 3;
  return attend_across(qkv.narrow(1, 0, width), qkv.narrow(1, width, 2 * width), segments, segments,
                       heads, drop, weights, causal);
}

void expect_heads(int64_t heads, int64_t width) {
  if (heads >= 1 && width % heads == 0) return;
  throw Error(ErrorCode::kShape, "attention: " + std::to_string(heads) +
                                     " heads do not divide width " + std::to_string(width));
}

Attention::Attention(int64_t width, int64_t heads, double dropout)
    : heads_(heads), dropout_(dropout) {
  expect_heads(heads, width);
  input_ = register_module("input", std::make_shared<Linear>(width, 3 * width));
  output_ = register_module("output", std::make_shared<Linear>(width, width));
}

at::Tensor Attention::look(const at::Tensor& qkv, const Segments& segments,
                           at::Tensor* weights) const {
  return output_->forward(
      attend_rows(qkv, segments, heads_, is_training() ? dropout_ : 0, weights));
}

at::Tensor Attention::forward(const at::Tensor& x, const Segments& segments,
                              at::Tensor* weights) const {
  return look(input_->forward(x), segments, weights);
}

at::Tensor Attention::forward(const at::Tensor& x, const Segments& segments, const LayerNorm& norm,
                              at::Tensor* weights) const {
  return look(input_->forward(x, norm), segments, weights);
}

at::Tensor Attention::forward_some(const at::Tensor& some, const Segments& queries,
                                   const at::Tensor& x, const Segments& segments,
                                   const LayerNorm& norm) const {
  const int64_t width = input_->in();
  const auto project = [&](const at::Tensor& rows, int64_t first, int64_t count) {
    return apply_linear(rows, norm, input_->weight().narrow(0, first * width, count * width),
                        input_->bias().narrow(0, first * width, count * width));
  };
  const auto q = project(some, 0, 1);  // [R, D]
  const auto kv = project(x, 1, 2);    // [N, 2 D]
  return output_->forward(
      attend_across(q, kv, queries, segments, heads_, is_training() ? dropout_ : 0));
}

}  // namespace braid
