#include "braid/alignment/pair_contrast.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include "braid/kernel/choice.h"
#include "braid/kernel/contrastive.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct HeldForward : torch::CustomClassHolder {
  explicit HeldForward(ContrastiveForward value) : forward(std::move(value)) {}
  ContrastiveForward forward;
};

ContrastiveInput input_of(const at::Tensor& a, const at::Tensor& b, const at::Tensor& scale,
                          const at::Tensor& identity) {
  ContrastiveInput input{a.size(0), a.size(1), a.data_ptr<float>(), b.data_ptr<float>(),
                         scale.item<float>()};
  if (identity.defined()) {
    input.identity = identity.data_ptr<int64_t>();
    input.columns = identity.size(1);
  }
  return input;
}

struct PairContrastFunction : public torch::autograd::Function<PairContrastFunction> {
  // a, b [B, D], keys [B, C]: contiguous
  static variable_list forward(AutogradContext* context, const at::Tensor& a, const at::Tensor& b,
                               const at::Tensor& scale, const c10::optional<at::Tensor>& keys,
                               bool for_gradient) {
    const auto identity = keys.value_or(at::Tensor());
    ContrastiveOptions options;
    if (!for_gradient) options.kept_scores = 0;
    auto result = contrastive_forward(input_of(a, b, scale, identity), options);
    const auto loss = at::full({}, result.loss, a.options());
    const auto accuracy = at::full({}, result.accuracy, a.options());
    context->save_for_backward({a, b, scale, identity});
    context->saved_data["forward"] =
        c10::IValue::make_capsule(c10::make_intrusive<HeldForward>(std::move(result)));
    context->mark_non_differentiable({accuracy});
    return {loss, accuracy};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto held = context->saved_data["forward"].toCapsule();
    const auto& forward = static_cast<const HeldForward&>(*held).forward;
    auto da = at::empty_like(saved[0]), db = at::empty_like(saved[1]);
    ContrastiveGradients to{da.data_ptr<float>(), db.data_ptr<float>()};
    contrastive_backward(input_of(saved[0], saved[1], saved[2], saved[3]), forward,
                         gradients[0].item<double>(), &to);
    return {da, db, at::full({}, to.scale, saved[2].options()), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

bool has_pair_contrast(const at::Tensor& a, const at::Tensor& b) {
  const auto fits = [](const at::Tensor& x) {
    return x.device().is_cpu() && x.scalar_type() == at::kFloat;
  };
  return fits(a) && fits(b) && use_kernels();
}

AlignmentLoss pair_contrast(const at::Tensor& a, const at::Tensor& b, const at::Tensor& scale,
                            const at::Tensor& identity) {
  const auto keys =
      identity.defined() ? c10::optional<at::Tensor>(identity.contiguous()) : c10::nullopt;
  const auto out = PairContrastFunction::apply(a.contiguous(), b.contiguous(), scale, keys,
                                               at::GradMode::is_enabled());
  return {out[0], out[1]};
}

}  // namespace braid
