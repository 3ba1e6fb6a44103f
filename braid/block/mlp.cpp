#include "braid/block/mlp.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "braid/block/device.h"
#include "braid/block/rows.h"
#include "braid/kernel/activation.h"
#include "braid/kernel/choice.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct MlpFunction : public torch::autograd::Function<MlpFunction> {
  enum Input { kX, kFirstWeight, kFirstBias, kSecondWeight, kSecondBias };

  // x [N, in], w1 [hidden, in], b1 [hidden], w2 [out, hidden], b2 [out], contiguous
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w1,
                            const at::Tensor& b1, const at::Tensor& w2, const at::Tensor& b2,
                            bool for_gradient) {
    const int64_t rows = x.size(0), hidden = w1.size(0);
    const auto precision = products_in();
    context->saved_data["precision"] = static_cast<int64_t>(precision);
    auto before = at::empty({rows, hidden}, x.options());
    linear_forward({rows, x.size(1), hidden}, rows_of(x), rows_of(w1), b1.data_ptr<float>(),
                   rows_to(before), precision);
    auto after = for_gradient ? at::empty_like(before) : before;
    gelu_forward(before.numel(), before.data_ptr<float>(), after.data_ptr<float>());
    auto y = at::empty({rows, w2.size(0)}, x.options());
    linear_forward({rows, hidden, w2.size(0)}, rows_of(after), rows_of(w2), b2.data_ptr<float>(),
                   rows_to(y), precision);
    if (for_gradient) context->save_for_backward({x, before, w1, w2});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &before = saved[1], &w1 = saved[2], &w2 = saved[3];
    const auto needs = [&](Input input) { return context->needs_input_grad(input); };
    const auto precision = static_cast<Precision>(context->saved_data["precision"].toInt());
    const auto dy = gradients[0].contiguous();
    const LinearShape first{x.size(0), x.size(1), w1.size(0)},
        second{x.size(0), w1.size(0), w2.size(0)};
    at::Tensor dx, dw1, db1, dw2, db2, after;
    auto dh = at::empty_like(before);
    linear_backward_input(second, rows_of(dy), rows_of(w2), rows_to(dh), precision);
    if (needs(kSecondWeight)) after = at::empty_like(before);
    if (needs(kFirstBias)) db1 = at::empty({w1.size(0)}, w1.options());
    const auto optional = [](at::Tensor& t) { return t.defined() ? t.data_ptr<float>() : nullptr; };
    gelu_backward(second.rows, second.in,
                  {before.data_ptr<float>(), dh.data_ptr<float>(), dh.data_ptr<float>(),
                   optional(after), optional(db1)});
    if (needs(kSecondWeight)) {
      dw2 = at::empty_like(w2);
      linear_backward_weight(second, rows_of(dy), rows_of(after), rows_to(dw2), precision);
    }
    if (needs(kSecondBias)) {
      db2 = at::empty({w2.size(0)}, w2.options());
      linear_backward_bias(second, rows_of(dy), db2.data_ptr<float>());
    }
    if (needs(kFirstWeight)) {
      dw1 = at::empty_like(w1);
      linear_backward_weight(first, rows_of(dh), rows_of(x), rows_to(dw1), precision);
    }
    if (needs(kX)) {
      dx = at::empty_like(x);
      linear_backward_input(first, rows_of(dh), rows_of(w1), rows_to(dx), precision);
    }
    return {dx, dw1, db1, dw2, db2, at::Tensor()};
  }
};

}  // namespace

Mlp::Mlp(int64_t in, int64_t hidden, int64_t out) {
  first_ = register_module("first", std::make_shared<Linear>(in, hidden));
  second_ = register_module("second", std::make_shared<Linear>(hidden, out));
}

at::Tensor Mlp::forward(const at::Tensor& x) const {
  const bool fits = x.dim() >= 1 && x.size(-1) == first_->in();
  if (!fits || !has_kernel(x) || !use_kernels()) {
    return second_->forward(at::gelu(first_->forward(x)));
  }
  auto shape = x.sizes().vec();
  shape.back() = second_->out();
  return MlpFunction::apply(as_rows(x), first_->weight(), first_->bias(), second_->weight(),
                            second_->bias(), at::GradMode::is_enabled())
      .view(shape);
}

}  // namespace braid
