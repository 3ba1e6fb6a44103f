#include "braid/block/module.h"

#include <torch/types.h>

#include "braid/core/error.h"

namespace braid {

void Module::add(Entry entry) {
  if (entry.name.empty() || entry.name.find('.') != std::string::npos) {
    throw Error(ErrorCode::kInternal, "module: bad name '" + entry.name + "'");
  }
  for (const auto& other : entries_) {
    if (other.name == entry.name)
      throw Error(ErrorCode::kInternal, "module: name '" + entry.name + "' is taken");
  }
  entries_.push_back(std::move(entry));
}

at::Tensor Module::register_parameter(const std::string& name, at::Tensor tensor) {
  tensor.set_requires_grad(true);
  add({name, tensor, Role::kParameter, nullptr});
  return tensor;
}

at::Tensor Module::register_buffer(const std::string& name, at::Tensor tensor) {
  add({name, tensor, Role::kBuffer, nullptr});
  return tensor;
}

template <class Wanted>
void Module::collect(const std::string& prefix, Wanted wanted, NamedTensors& out) const {
  for (const auto& entry : entries_) {
    if (entry.part) {
      entry.part->collect(prefix + entry.name + ".", wanted, out);
    } else if (wanted(entry.role)) {
      out.emplace_back(prefix + entry.name, entry.tensor);
    }
  }
}

Module::NamedTensors Module::named_parameters() const {
  NamedTensors out;
  collect(
      "", [](Role role) { return role == Role::kParameter; }, out);
  return out;
}

Module::NamedTensors Module::named_buffers() const {
  NamedTensors out;
  collect(
      "", [](Role role) { return role != Role::kParameter; }, out);
  return out;
}

Module::NamedTensors Module::named_frozen() const {
  NamedTensors out;
  collect(
      "", [](Role role) { return role == Role::kFrozen; }, out);
  return out;
}

std::vector<at::Tensor> Module::parameters() const {
  std::vector<at::Tensor> out;
  for (auto& [name, tensor] : named_parameters()) out.push_back(tensor);
  return out;
}

void Module::train(bool on) {
  training_ = on && trainable_;
  for (auto& entry : entries_) {
    if (entry.part) entry.part->train(on);
  }
}

void Module::freeze() {
  for (auto& entry : entries_) {
    if (entry.part) entry.part->freeze();
    if (entry.role != Role::kParameter) continue;
    entry.tensor.set_requires_grad(false);
    entry.role = Role::kFrozen;
  }
}

void Module::freeze_in_eval() {
  freeze();
  trainable_ = training_ = false;
  for (auto& entry : entries_) {
    if (entry.part) entry.part->freeze_in_eval();
  }
}

std::string Module::find_mixing() const {
  for (const auto& entry : entries_) {
    if (!entry.part) continue;
    if (entry.part->mixes_samples()) return entry.name;
    const auto below = entry.part->find_mixing();
    if (!below.empty()) return entry.name + "." + below;
  }
  return "";
}

void Module::to(at::ScalarType dtype) {
  const at::NoGradGuard no_grad;
  for (auto& entry : entries_) {
    if (entry.part) entry.part->to(dtype);
    if (entry.tensor.defined() && entry.tensor.is_floating_point())
      entry.tensor.set_data(entry.tensor.to(dtype));
  }
}

const at::Tensor* Module::first_tensor() const {
  for (const auto& entry : entries_) {
    const auto* found = entry.part ? entry.part->first_tensor() : &entry.tensor;
    if (found && found->defined()) return found;
  }
  return nullptr;
}

at::Device Module::device() const {
  const auto* tensor = first_tensor();
  return tensor ? tensor->device() : at::Device(at::kCPU);
}

void Module::to(at::Device device) {
  const at::NoGradGuard no_grad;
  for (auto& entry : entries_) {
    if (entry.part) entry.part->to(device);
    if (entry.tensor.defined()) entry.tensor.set_data(entry.tensor.to(device));
  }
}

}  // namespace braid
