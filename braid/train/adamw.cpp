#include "braid/train/adamw.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "braid/core/error.h"
#include "braid/kernel/choice.h"
#include "braid/task/tensor.h"
#include "braid/train/adamw_elsewhere.h"
#include "braid/train/parts.h"

namespace braid {

Adamw::Adamw(std::vector<std::pair<std::string, at::Tensor>> parameters, const TrainConfig& config)
    : config_(config) {
  for (auto& [name, tensor] : parameters) {
    if (!tensor.requires_grad()) continue;
    const double rate = part_of(config.parts, name).lr;
    if (std::find(rates_.begin(), rates_.end(), rate) == rates_.end()) rates_.push_back(rate);
    slots_.push_back({name, tensor, at::zeros_like(tensor, at::MemoryFormat::Contiguous),
                      at::zeros_like(tensor, at::MemoryFormat::Contiguous), tensor.dim() >= 2,
                      rate});
  }
}

double Adamw::gradient_norm() const {
  std::vector<at::Tensor> gradients;  // keep contiguous copies alive
  std::vector<FloatSpan> parts;
  double elsewhere = 0;  // of gradients that are not on the CPU
  for (const auto& slot : slots_) {
    if (!slot.parameter.grad().defined()) continue;
    gradients.push_back(slot.parameter.grad().contiguous());
    if (!slot.parameter.is_cpu()) {
      elsewhere += gradients.back().to(at::kDouble).square().sum().item<double>();
      continue;
    }
    parts.push_back({gradients.back().data_ptr<float>(), gradients.back().numel()});
  }
  const double here = use_kernels() ? sum_of_squares(parts) : sum_of_squares_ref(parts);
  // Squares that no float holds would fill the second moments with infinities, which no later step
  // removes.
  if (here + elsewhere > std::numeric_limits<float>::max())
    return std::numeric_limits<double>::infinity();
  return std::sqrt(here + elsewhere);
}

double Adamw::clip_scale(double norm) const {
  return config_.clip > 0 && norm > config_.clip ? config_.clip / norm : 1.0;
}

std::string Adamw::broken_gradient() const {
  for (const auto& slot : slots_) {
    const auto& gradient = slot.parameter.grad();
    if (gradient.defined() && !gradient.isfinite().all().item<bool>()) return slot.name;
  }
  return "";
}

void Adamw::step(double lr, double scale) {
  const at::NoGradGuard no_grad;
  ++steps_;
  const AdamwStep step{lr,     config_.beta1, config_.beta2, config_.epsilon, config_.weight_decay,
                       steps_, scale};
  for (const double rate : rates_) step_at(rate, step);
}

void Adamw::step_at(double rate, AdamwStep step) {
  step.lr *= rate;
  std::vector<at::Tensor> gradients;  // keep contiguous copies alive
  std::vector<AdamwSlot> parts;
  for (auto& slot : slots_) {
    if (slot.rate != rate || !slot.parameter.grad().defined()) continue;
    const auto gradient = slot.parameter.grad().contiguous();
    if (!slot.parameter.is_cpu()) {
      auto its_own = step;
      if (!slot.decay) its_own.decay = 0;
      adamw_elsewhere(its_own, slot.parameter, gradient, slot.first, slot.second);
      continue;
    }
    gradients.push_back(gradient);
    parts.push_back({slot.parameter.numel(), slot.parameter.data_ptr<float>(),
                     gradient.data_ptr<float>(), slot.first.data_ptr<float>(),
                     slot.second.data_ptr<float>(), slot.decay});
  }
  if (use_kernels()) return adamw(step, parts);
  for (const auto& part : parts) adamw_ref(step, part);
}

void Adamw::zero_gradients() {
  for (auto& slot : slots_) slot.parameter.mutable_grad() = at::Tensor();
}

TensorFile Adamw::state() const {
  TensorFile file;
  for (const auto& slot : slots_) {
    file.tensors.emplace_back(slot.name + ".first", to_array(slot.first.clone()));
    file.tensors.emplace_back(slot.name + ".second", to_array(slot.second.clone()));
  }
  file.metadata["steps"] = std::to_string(steps_);
  return file;
}

void Adamw::load(const TensorFile& state, const std::string& where) {
  const auto take = [&](const std::string& name, at::Tensor& target) {
    const auto* array = state.find(name);
    if (!array || array->shape() != target.sizes().vec()) {
      throw Error(ErrorCode::kState,
                  where + ": optimizer state '" + name + "' is missing or of another shape");
    }
    target.copy_(to_tensor(*array));
  };
  for (auto& slot : slots_) {
    take(slot.name + ".first", slot.first);
    take(slot.name + ".second", slot.second);
  }
  const auto found = state.metadata.find("steps");
  const std::string steps = found == state.metadata.end() ? "" : found->second;
  const auto parsed = std::from_chars(steps.data(), steps.data() + steps.size(), steps_);
  if (steps.empty() || parsed.ec != std::errc() || parsed.ptr != steps.data() + steps.size() ||
      steps_ < 0) {
    throw Error(ErrorCode::kState,
                where + ": expected the optimizer's step count, got '" + steps + "'");
  }
}

}  // namespace braid
