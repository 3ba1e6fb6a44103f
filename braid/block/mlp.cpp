#include "braid/block/mlp.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "braid/block/device.h"
#include "braid/block/norm_rows.h"
#include "braid/block/rows.h"
#include "braid/kernel/activation.h"
#include "braid/kernel/choice.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct MlpFunction : public torch::autograd::Function<MlpFunction> {
  enum Input { kX, kNormWeight, kNormBias, kFirstWeight, kFirstBias, kSecondWeight, kSecondBias };

  // x [N, in], weight and bias of a norm [in] or empty, w1 [hidden, in], b1 [hidden],
  // w2 [out, hidden], b2 [out], contiguous
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& norm_weight, const at::Tensor& norm_bias,
                            const at::Tensor& w1, const at::Tensor& b1, const at::Tensor& w2,
                            const at::Tensor& b2, bool for_gradient) {
    const auto norm_w = or_undefined(norm_weight), norm_b = or_undefined(norm_bias);
    const int64_t rows = x.size(0), hidden = w1.size(0);
    const auto precision = products_in();
    context->saved_data["precision"] = static_cast<int64_t>(precision);
    auto normed = norm_rows(x, norm_w, norm_b);
    auto before = at::empty({rows, hidden}, x.options());
    linear_forward({rows, x.size(1), hidden}, rows_of(normed.rows), rows_of(w1),
                   b1.data_ptr<float>(), rows_to(before), precision);
    normed.rows = at::Tensor();
    auto after = for_gradient ? at::empty_like(before) : before;
    gelu_forward(before.numel(), before.data_ptr<float>(), after.data_ptr<float>());
    auto y = at::empty({rows, w2.size(0)}, x.options());
    linear_forward({rows, hidden, w2.size(0)}, rows_of(after), rows_of(w2), b2.data_ptr<float>(),
                   rows_to(y), precision);
    if (for_gradient)
      context->save_for_backward(
          {x, before, w1, b1, w2, norm_w, norm_b, normed.mean, normed.scale});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &before = saved[1], &w1 = saved[2], &w2 = saved[4];
    const auto needs = [&](Input input) { return context->needs_input_grad(input); };
    const auto precision = static_cast<Precision>(context->saved_data["precision"].toInt());
    const auto dy = gradients[0].contiguous();
    const LinearShape first{x.size(0), x.size(1), w1.size(0)},
        second{x.size(0), w1.size(0), w2.size(0)};
    at::Tensor dx, dw1, db1, dw2, db2;
    auto dh = at::empty_like(before);
    linear_backward_input(second, rows_of(dy), rows_of(w2), rows_to(dh), precision);
    if (needs(kFirstBias)) db1 = at::empty({w1.size(0)}, w1.options());
    {
      const auto after = through_gelu(context, saved, dh, db1);
      if (needs(kSecondWeight)) {
        dw2 = at::empty_like(w2);
        linear_backward_weight(second, rows_of(dy), rows_of(after), rows_to(dw2), precision);
      }
    }
    if (needs(kSecondBias)) {
      db2 = at::empty({w2.size(0)}, w2.options());
      linear_backward_bias(second, rows_of(dy), db2.data_ptr<float>());
    }
    if (needs(kFirstWeight)) {
      dw1 = at::empty_like(w1);
      const auto rows = norm_rows(x, saved[5], saved[6]).rows;
      linear_backward_weight(first, rows_of(dh), rows_of(rows), rows_to(dw1), precision);
    }
    if (needs(kX) || needs(kNormWeight)) {
      dx = at::empty_like(x);
      linear_backward_input(first, rows_of(dh), rows_of(w1), rows_to(dx), precision);
    }
    NormGradients norm{dx, {}, {}};
    if (saved[5].defined() && dx.defined())
      norm = norm_gradients(x, saved[5], saved[7], saved[8], dx, dx);
    return {norm.dx, norm.dw, norm.db, dw1, db1, dw2, db2, at::Tensor()};
  }

  // dh becomes the gradient before GELU, db1 its sum over rows. Returns the values after GELU,
  // which take the place of those before: a graph mostly has one backward pass, and this is where
  // training needs the most memory. A second pass computes those before once more.
  static at::Tensor through_gelu(AutogradContext* context, const variable_list& saved,
                                 const at::Tensor& dh, const at::Tensor& db1) {
    const auto &x = saved[0], &w1 = saved[2], &b1 = saved[3];
    auto values = saved[1];
    if (context->saved_data.count("replaced") > 0) {
      const auto precision = static_cast<Precision>(context->saved_data["precision"].toInt());
      linear_forward({x.size(0), x.size(1), w1.size(0)},
                     rows_of(norm_rows(x, saved[5], saved[6]).rows), rows_of(w1),
                     b1.data_ptr<float>(), rows_to(values), precision);
    }
    context->saved_data["replaced"] = true;
    gelu_backward(values.size(0), values.size(1),
                  {values.data_ptr<float>(), dh.data_ptr<float>(), dh.data_ptr<float>(),
                   values.data_ptr<float>(), db1.defined() ? db1.data_ptr<float>() : nullptr});
    return values;
  }
};

}  // namespace

Mlp::Mlp(int64_t in, int64_t hidden, int64_t out) {
  first_ = register_module("first", std::make_shared<Linear>(in, hidden));
  second_ = register_module("second", std::make_shared<Linear>(hidden, out));
}

at::Tensor Mlp::apply(const at::Tensor& x, const at::Tensor& norm_w,
                      const at::Tensor& norm_b) const {
  auto shape = x.sizes().vec();
  shape.back() = second_->out();
  return MlpFunction::apply(as_rows(x), or_empty(norm_w, x), or_empty(norm_b, x), first_->weight(),
                            first_->bias(), second_->weight(), second_->bias(),
                            at::GradMode::is_enabled())
      .view(shape);
}

at::Tensor Mlp::forward(const at::Tensor& x) const {
  const bool fits = x.dim() >= 1 && x.size(-1) == first_->in();
  if (fits && has_kernel(x) && use_kernels()) return apply(x, {}, {});
  return second_->forward(at::gelu(first_->forward(x)));
}

at::Tensor Mlp::forward(const at::Tensor& x, const LayerNorm& norm) const {
  const bool fits = x.dim() >= 1 && x.size(-1) == first_->in();
  if (fits && norm.has_kernel_for(x)) return apply(x, norm.weight(), norm.bias());
  return forward(norm.forward(x));
}

}  // namespace braid
