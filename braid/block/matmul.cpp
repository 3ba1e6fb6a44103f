#include "braid/block/matmul.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "braid/block/device.h"
#include "braid/block/norm_rows.h"
#include "braid/block/rows.h"
#include "braid/core/array.h"
#include "braid/core/error.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

struct LinearFunction : public Function<LinearFunction> {
  enum Input { kX, kWeight, kBias, kNormWeight, kNormBias };

  // x [N, in], w [out, in], b [out] or empty, weight and bias of a norm [in] or empty; contiguous
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w,
                            const at::Tensor& b, const at::Tensor& norm_weight,
                            const at::Tensor& norm_bias) {
    const auto norm_w = or_undefined(norm_weight), norm_b = or_undefined(norm_bias);
    const auto precision = products_in();
    const auto normed = norm_rows(x, norm_w, norm_b);
    context->saved_data["precision"] = static_cast<int64_t>(precision);
    context->save_for_backward({x, w, norm_w, norm_b, normed.mean, normed.scale});
    auto y = at::empty({x.size(0), w.size(0)}, x.options());
    linear_forward({x.size(0), x.size(1), w.size(0)}, rows_of(normed.rows), rows_of(w),
                   b.numel() > 0 ? b.data_ptr<float>() : nullptr, rows_to(y), precision);
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &w = saved[1], &norm_w = saved[2], &norm_b = saved[3];
    const auto needs = [&](Input input) { return context->needs_input_grad(input); };
    const auto precision = static_cast<Precision>(context->saved_data["precision"].toInt());
    const auto dy = gradients[0].contiguous();
    const LinearShape shape{x.size(0), x.size(1), w.size(0)};
    at::Tensor dx, dw, db;
    if (needs(kWeight)) {
      const auto rows = norm_rows(x, norm_w, norm_b).rows;
      dw = at::empty_like(w);
      linear_backward_weight(shape, rows_of(dy), rows_of(rows), rows_to(dw), precision);
    }
    if (needs(kBias)) {
      db = at::empty({w.size(0)}, w.options());
      linear_backward_bias(shape, rows_of(dy), db.data_ptr<float>());
    }
    if (needs(kX) || needs(kNormWeight)) {
      dx = at::empty_like(x);
      linear_backward_input(shape, rows_of(dy), rows_of(w), rows_to(dx), precision);
    }
    NormGradients norm{dx, {}, {}};
    if (norm_w.defined() && dx.defined())
      norm = norm_gradients(x, norm_w, saved[4], saved[5], dx, dx);
    return {norm.dx, dw, db, norm.dw, norm.db};
  }
};

// As the kernel reads it: one of the last two strides is 1, and matrices do not overlap.
at::Tensor readable(const at::Tensor& x) {
  const bool by_row = x.stride(2) == 1 && x.stride(1) >= x.size(2);
  const bool by_column = x.stride(1) == 1 && x.stride(2) >= x.size(1);
  const int64_t extent = (x.size(1) - 1) * x.stride(1) + (x.size(2) - 1) * x.stride(2) + 1;
  return (by_row || by_column) && x.stride(0) >= extent ? x : x.contiguous();
}

at::Tensor run_batched(const at::Tensor& a, const at::Tensor& b) {
  const auto left = readable(a), right = readable(b);
  auto c = at::empty({a.size(0), a.size(1), b.size(2)}, a.options());
  const auto view = [](const at::Tensor& x) {
    return MatrixIn{x.data_ptr<float>(), x.stride(1), x.stride(2), x.stride(0)};
  };
  matmul({a.size(0), a.size(1), a.size(2), b.size(2)}, view(left), view(right), nullptr,
         {c.data_ptr<float>(), c.size(2), c.size(1) * c.size(2)});
  return c;
}

struct BatchedMatmulFunction : public Function<BatchedMatmulFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& a, const at::Tensor& b) {
    context->save_for_backward({a, b});
    return run_batched(a, b);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& dc = gradients[0];
    at::Tensor da, db;
    if (context->needs_input_grad(0)) da = run_batched(dc, saved[1].transpose(1, 2));
    if (context->needs_input_grad(1)) db = run_batched(saved[0].transpose(1, 2), dc);
    return {da, db};
  }
};

void expect_rows(const at::Tensor& x, const at::Tensor& w) {
  if (x.dim() >= 1 && x.size(-1) == w.size(1)) return;
  throw Error(ErrorCode::kShape, "linear: expected rows of " + std::to_string(w.size(1)) +
                                     ", got shape " + shape_text(x.sizes().vec()));
}

std::vector<int64_t> shape_after(const at::Tensor& x, const at::Tensor& w) {
  auto shape = x.sizes().vec();
  shape.back() = w.size(0);
  return shape;
}

}  // namespace

at::Tensor apply_linear(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
  expect_rows(x, w);
  if (!has_kernel(x)) {
    return at::linear(x, w, b.defined() ? c10::optional<at::Tensor>(b) : c10::nullopt);
  }
  const auto none = or_empty({}, x);
  return LinearFunction::apply(as_rows(x), w, or_empty(b, x), none, none)
      .view(shape_after(x, w));
}

at::Tensor apply_linear(const at::Tensor& x, const LayerNorm& norm, const at::Tensor& w,
                        const at::Tensor& b) {
  expect_rows(x, w);
  if (!norm.has_kernel_for(x)) return apply_linear(norm.forward(x), w, b);
  return LinearFunction::apply(as_rows(x), w, or_empty(b, x), norm.weight(), norm.bias())
      .view(shape_after(x, w));
}

at::Tensor batched_matmul(const at::Tensor& a, const at::Tensor& b) {
  if (a.dim() != 3 || b.dim() != 3 || a.size(0) != b.size(0) || a.size(2) != b.size(1)) {
    throw Error(ErrorCode::kShape, "batched_matmul: " + shape_text(a.sizes().vec()) + " times " +
                                       shape_text(b.sizes().vec()));
  }
  return has_kernel(a) ? BatchedMatmulFunction::apply(a, b) : at::bmm(a, b);
}

}  // namespace braid
