// Every fusion gives on a device what it gives on the CPU, vectors and gradients.
#include "braid/fusion/fusion.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/device/devices.h"

namespace braid::test {
namespace {

using FusionOnDevice = OnDevice<testing::Test>;

const std::vector<std::string> kFusions = {
#define BRAID_FUSION(name, Config, help) #name,
#include "braid/fusion/all.def"
#undef BRAID_FUSION
};

// Both fields, the first, the second, none; the first has padding.
std::vector<Embedding> parts_on(at::Device device) {
  const auto generator = at::detail::createCPUGenerator(3);
  std::vector<Embedding> parts;
  for (const int64_t steps : {3, 2}) {
    const auto flags = steps == 3 ? std::vector<int64_t>{1, 1, 0, 0}
                                  : std::vector<int64_t>{1, 0, 1, 0};
    auto mask = at::ones({4, steps}, at::kBool);
    if (steps == 3) mask[0][2].fill_(false);
    const auto tokens = at::randn({4, steps, 8}, generator).to(device);
    parts.push_back({{tokens, Segments::of_mask(mask.to(device))},
                     at::randn({4, 8}, generator).to(device),
                     at::tensor(flags, at::kLong).to(at::kBool).to(device)});
  }
  return parts;
}

struct FusedOn {
  at::Tensor vector, weights;
  Module::NamedTensors parameters;
};

FusedOn fuse_on(at::Device device, const std::string& kind) {
  at::manual_seed(5);
  const auto fusion = make_fusion(ConfigNode::parse("kind: " + kind), {8, {"a", "b"}});
  fusion->eval();
  fusion->to(device);
  const auto out = fusion->forward(parts_on(device));
  EXPECT_EQ(out.vector.device(), device) << kind;
  if (!fusion->parameters().empty()) out.vector.square().sum().backward();
  const auto weights = out.weights.defined() ? out.weights.detach().cpu() : at::Tensor();
  return {out.vector.detach().cpu(), weights, fusion->named_parameters()};
}

void expect_like(const at::Tensor& got, const at::Tensor& want, const std::string& what) {
  ASSERT_EQ(got.defined(), want.defined()) << what;
  if (!want.defined()) return;
  const double size = want.norm().item<double>() + 1e-3;
  EXPECT_LE((got.cpu() - want).norm().item<double>(), 1e-3 * size) << what;
}

TEST_P(FusionOnDevice, AgreesWithTheCpuInVectorsWeightsAndGradients) {
  for (const auto& kind : kFusions) {
    const auto want = fuse_on(at::kCPU, kind), got = fuse_on(device(), kind);
    expect_like(got.vector, want.vector, kind);
    expect_like(got.weights, want.weights, kind + " weights");
    for (size_t i = 0; i < want.parameters.size(); ++i) {
      expect_like(got.parameters[i].second.grad(), want.parameters[i].second.grad(),
                  kind + " " + want.parameters[i].first);
    }
  }
}

BRAID_ON_EVERY_DEVICE(FusionOnDevice);

}  // namespace
}  // namespace braid::test
