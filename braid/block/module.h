// A trainable part: named parameters and buffers, in a tree of parts.
//
// Names are dotted ("trunk.0.attention.query.weight") and come in the order of registration, which
// is the order in files and in the optimiser. Members keep the handles that register_* return; `to`
// changes the tensors behind them.
//
// Randomness: constructors draw initial weights, and dropout draws in training, from torch's
// default CPU generator, on the calling thread. Call torch::manual_seed(seed) (at::manual_seed)
// before construction and before each training step: same seed, same bits.
//
// Threads: in eval mode `forward` functions change nothing and are safe from many threads.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace braid {

class Module {
 public:
  using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  NamedTensors named_parameters() const;
  NamedTensors named_buffers() const;  // what is saved but not trained: running statistics
  NamedTensors named_frozen() const;   // buffers that freeze() made of parameters
  std::vector<at::Tensor> parameters() const;

  void train(bool on = true);  // this part and all below
  void eval() { train(false); }
  bool is_training() const { return training_; }

  // Parameters of this part and of all below become buffers: saved as before, trained no more.
  void freeze();
  // The same, and eval mode for good.
  void freeze_in_eval();

  // Samples of a batch see each other in training: a batch is then more than the sum of its parts.
  virtual bool mixes_samples() const { return false; }
  // Of this part and all below, the first that does: its dotted name; "" for none.
  std::string find_mixing() const;

  // Floating-point parameters and buffers; call before the first gradient.
  void to(at::ScalarType dtype);
  void to(at::Device device);
  at::Device device() const;  // of the first tensor; the CPU where there is none

 protected:
  // Each throws Error(kInternal) for a name that is empty, taken or has a dot in it. A parameter
  // requires grad from here on and must be a leaf.
  at::Tensor register_parameter(const std::string& name, at::Tensor tensor);
  at::Tensor register_buffer(const std::string& name, at::Tensor tensor);
  template <class Part>
  std::shared_ptr<Part> register_module(const std::string& name, std::shared_ptr<Part> part) {
    add({name, {}, Role::kBuffer, part});
    return part;
  }

 private:
  enum class Role { kParameter, kFrozen, kBuffer };
  struct Entry {
    std::string name;
    at::Tensor tensor;  // undefined for a part
    Role role = Role::kBuffer;
    std::shared_ptr<Module> part;
  };
  void add(Entry entry);
  const at::Tensor* first_tensor() const;
  template <class Wanted>
  void collect(const std::string& prefix, Wanted wanted, NamedTensors& out) const;

  std::vector<Entry> entries_;
  bool training_ = true;
  bool trainable_ = true;  // may be in training mode
};

}  // namespace braid
