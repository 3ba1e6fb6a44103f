#include "braid/block/cross_attention.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "braid/block/attention.h"
#include "braid/block/heads.h"
#include "braid/block/rows.h"
#include "braid/core/array.h"
#include "braid/core/error.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct CrossAttentionFunction : public torch::autograd::Function<CrossAttentionFunction> {
  // q [N, D], kv [M, 2 D], contiguous
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& kv,
                            const std::vector<int64_t>& queries, const std::vector<int64_t>& keys,
                            int64_t heads) {
    const auto shape = attention_shape(queries, keys, heads, q.size(1) / heads);
    auto out = at::empty_like(q), lse = at::empty({heads, q.size(0)}, q.options());
    attention_forward(shape, {heads_in(q, 0, shape), heads_in(kv, 0, shape), heads_in(kv, 1, shape),
                              heads_out(out, 0, shape), lse.data_ptr<float>()});
    context->saved_data["queries"] = queries;
    context->saved_data["keys"] = keys;
    context->saved_data["heads"] = heads;
    context->save_for_backward({q, kv, out, lse});
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &q = saved[0], &kv = saved[1], &out = saved[2], &lse = saved[3];
    const auto queries = context->saved_data["queries"].toIntVector();
    const auto keys = context->saved_data["keys"].toIntVector();
    const int64_t heads = context->saved_data["heads"].toInt();
    const auto shape = attention_shape(queries, keys, heads, q.size(1) / heads);
    const auto d_out = gradients[0].contiguous();
    auto d_q = at::empty_like(q), d_kv = at::empty_like(kv);
    attention_backward(
        shape,
        {heads_in(q, 0, shape), heads_in(kv, 0, shape), heads_in(kv, 1, shape),
         heads_in(out, 0, shape), heads_in(d_out, 0, shape), lse.data_ptr<float>(),
         heads_out(d_q, 0, shape), heads_out(d_kv, 0, shape), heads_out(d_kv, 1, shape)});
    return {d_q, d_kv, {}, {}, {}};
  }
};

void check_across(const at::Tensor& q, const at::Tensor& kv, const Segments& queries,
                  const Segments& keys, int64_t heads) {
  const bool fits = q.dim() == 2 && kv.dim() == 2 && q.size(0) == queries.rows() &&
                    kv.size(0) == keys.rows() && kv.size(1) == 2 * q.size(1) &&
                    q.size(1) % heads == 0 && queries.count() == keys.count();
  if (fits) return;
  throw Error(ErrorCode::kShape,
              "attention: expected queries [" + std::to_string(queries.rows()) +
                  ", D] and keys [" + std::to_string(keys.rows()) + ", 2 D] of equally many " +
                  "samples for " + std::to_string(heads) + " heads, got " +
                  shape_text(q.sizes().vec()) + " of " + std::to_string(queries.count()) +
                  " samples and " + shape_text(kv.sizes().vec()) + " of " +
                  std::to_string(keys.count()));
}

}  // namespace

at::Tensor attend_across(const at::Tensor& q, const at::Tensor& kv, const Segments& queries,
                         const Segments& keys, int64_t heads, double drop, at::Tensor* weights,
                         bool causal) {
  check_across(q, kv, queries, keys, heads);
  if (drop == 0 && !weights && !causal && has_kernel(q)) {
    return CrossAttentionFunction::apply(q.contiguous(), kv.contiguous(), queries.offsets(),
                                         keys.offsets(), heads);
  }
  at::Tensor seen;  // [B * H, T, S]
  const auto out =
      attend_seen(q, kv, queries, keys, heads, drop, weights ? &seen : nullptr, causal);
  if (weights) {
    *weights = seen.detach().view({queries.count(), heads, queries.steps(), keys.steps()}).mean(1);
    if (queries.mask().defined())
      weights->masked_fill_(queries.mask().logical_not().unsqueeze(2), 0);
  }
  return out;
}

at::Tensor attend_seen(const at::Tensor& q, const at::Tensor& kv, const Segments& queries,
                       const Segments& keys, int64_t heads, double drop, at::Tensor* weights,
                       bool causal) {
  check_across(q, kv, queries, keys, heads);
  const int64_t batch = queries.count(), width = q.size(1), t = queries.steps();
  const auto by_head = [&](const at::Tensor& rows, const Segments& segments) {
    return segments.pad(rows)
        .reshape({batch, segments.steps(), heads, width / heads})
        .transpose(1, 2)
        .reshape({batch * heads, segments.steps(), width / heads});
  };
  const auto out = attend(by_head(q, queries), by_head(kv.narrow(1, 0, width), keys),
                          by_head(kv.narrow(1, width, width), keys), keys.mask(), drop,
                          weights, causal);  // [B * heads, T, d]
  return queries.pack(
      out.view({batch, heads, t, width / heads}).transpose(1, 2).reshape({batch, t, width}));
}

CrossAttention::CrossAttention(int64_t width, int64_t heads, double dropout)
    : heads_(heads), dropout_(dropout) {
  expect_heads(heads, width);
  query_ = register_module("query", std::make_shared<Linear>(width, width));
  source_ = register_module("source", std::make_shared<Linear>(width, 2 * width));
  output_ = register_module("output", std::make_shared<Linear>(width, width, /*bias=*/false));
}

at::Tensor CrossAttention::forward(const at::Tensor& x, const Segments& segments,
                                   const at::Tensor& source, const Segments& source_segments,
                                   at::Tensor* weights) const {
  return output_->forward(attend_across(query_->forward(x), source_->forward(source), segments,
                                        source_segments, heads_, is_training() ? dropout_ : 0,
                                        weights));
}

}  // namespace braid
