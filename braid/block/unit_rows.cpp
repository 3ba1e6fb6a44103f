#include "braid/block/unit_rows.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "braid/block/rows.h"
#include "braid/kernel/unit_rows.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct UnitRowsFunction : public torch::autograd::Function<UnitRowsFunction> {
  // x [N, D], contiguous
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x) {
    auto y = at::empty_like(x);
    const auto scale = at::empty({x.size(0)}, x.options());
    unit_rows_forward(x.size(0), x.size(1), x.data_ptr<float>(), y.data_ptr<float>(),
                      scale.data_ptr<float>());
    context->save_for_backward({y, scale});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& y = saved[0];
    const auto dy = gradients[0].contiguous();
    auto dx = at::empty_like(y);
    unit_rows_backward(y.size(0), y.size(1), y.data_ptr<float>(), saved[1].data_ptr<float>(),
                       dy.data_ptr<float>(), dx.data_ptr<float>());
    return {dx};
  }
};

}  // namespace

at::Tensor unit_rows(const at::Tensor& x) {
  if (has_kernel(x) && use_kernels() && x.dim() > 0)
    return UnitRowsFunction::apply(as_rows(x)).view(x.sizes());
  // Zero rows: the square root's slope at 0 would make NaN gradients, so the floor goes under it.
  return x * x.square().sum(-1, true).clamp_min(kShortestRow * kShortestRow).rsqrt();
}

}  // namespace braid
