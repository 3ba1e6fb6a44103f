#include "braid/block/recompute.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/types.h>

#include <utility>

#include "braid/block/random_scope.h"

namespace braid {
namespace {

using torch::autograd::variable_list;

struct Recompute : public torch::autograd::Node {
  Recompute(std::function<at::Tensor()> run, at::Device device, uint64_t seed)
      : run_(std::move(run)), device_(device), seed_(seed) {}

  variable_list apply(variable_list&& gradients) override {
    const RandomScope random(device_, seed_);
    const at::AutoGradMode graph(true);
    run_().backward(gradients[0]);
    return {};
  }

  void release_variables() override { run_ = nullptr; }

 private:
  std::function<at::Tensor()> run_;
  at::Device device_;
  uint64_t seed_;
};

}  // namespace

at::Tensor recomputed(std::function<at::Tensor()> run, at::Device device, uint64_t seed) {
  at::Tensor result;
  {
    const RandomScope random(device, seed);
    const at::NoGradGuard no_graph;
    result = run();
  }
  if (!at::GradMode::is_enabled()) return result;
  torch::autograd::set_history(result, std::make_shared<Recompute>(std::move(run), device, seed));
  return result;
}

}  // namespace braid
