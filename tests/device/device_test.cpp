// What computes on a device gives what it gives on the CPU: encoders, losses, embedding, training.
#include "braid/block/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "braid/encoder/encoder.h"
#include "braid/task/embed.h"
#include "braid/task/tensor.h"
#include "braid/train/adamw.h"
#include "tests/device/devices.h"
#include "tests/train/trainer_fixture.h"

namespace braid::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Here = OnDevice<testing::Test>;

void expect_close(const at::Tensor& got, const at::Tensor& want, double tolerance,
                  const std::string& what) {
  ASSERT_TRUE(got.defined()) << what;
  const double size = want.norm().item<double>() + 1e-3;
  EXPECT_LE((got.cpu() - want.cpu()).norm().item<double>(), tolerance * size) << what;
}

struct Case {
  const char* recipe;
  EncoderInput input;
};

std::vector<Case> encoders() {
  const EncoderInput picture{"image", {{"size", 8}, {"channels", 3}}};
  const EncoderInput text{"text", {{"vocabulary", 20}, {"max_tokens", 9}, {"pad_id", 0}}};
  return {
      {"{kind: vit, patch: 4, width: 8, depth: 2, heads: 2, dropout: 0}", picture},
      {"{kind: vit, patch: 4, width: 8, depth: 1, heads: 2, dropout: 0, drop_path: 0.2}", picture},
      {"{kind: cnn, stages: [4, 8], norm: group, group_width: 4, dropout: 0}", picture},
      {"{kind: cnn, stages: [4, 8], norm: batch, pooling: attention, dropout: 0}", picture},
      {"{kind: text_transformer, width: 8, depth: 2, heads: 2, dropout: 0}", text},
      {"{kind: text_transformer, width: 8, depth: 1, heads: 2, pooling: last, dropout: 0}", text},
      {"{kind: bag_of_tokens, width: 8, hidden: 12, dropout: 0}", text}};
}

struct Encoded {
  at::Tensor pooled;
  Module::NamedTensors parameters;
};

Encoded encode_on(at::Device device, const Case& one) {
  at::manual_seed(5);
  const auto encoder = make_encoder(ConfigNode::parse(one.recipe, "r.yaml"), one.input);
  const bool picture = one.input.modality == "image";
  auto mask = picture ? at::Tensor() : at::ones({4, 6}, at::kBool);
  if (!picture) mask[1].slice(0, 3).fill_(false);
  const auto values = picture ? at::randn({4, 3, 8, 8}) : at::randint(20, {4, 6}, at::kLong);
  encoder->to(device);
  at::manual_seed(6);
  const auto out = encoder->encode(to_device(values, device), to_device(mask, device));
  EXPECT_EQ(out.pooled.device(), device) << one.recipe;
  EXPECT_EQ(out.present.device(), device) << one.recipe;
  out.pooled.square().sum().backward();
  return {out.pooled.detach().cpu(), encoder->named_parameters()};
}

// In float32 there too: mixed precision belongs to the model, not to its encoders.
TEST_P(Here, EncodersAgreeWithTheCpuInVectorsAndGradients) {
  for (const auto& one : encoders()) {
    const auto want = encode_on(at::kCPU, one), got = encode_on(device(), one);
    expect_close(got.pooled, want.pooled, 1e-3, one.recipe);
    for (size_t i = 0; i < want.parameters.size(); ++i) {
      expect_close(got.parameters[i].second.grad(), want.parameters[i].second.grad(), 1e-3,
                   std::string(one.recipe) + " " + want.parameters[i].first);
    }
  }
}

TEST_P(Here, AnOptimizerStepAgreesWithTheKernel) {
  const auto stepped = [](at::Device where) {
    at::manual_seed(8);
    auto weight = at::randn({5, 3}).to(where);
    const auto gradient = at::randn({5, 3}).to(where);
    weight.set_requires_grad(true);
    Adamw optimizer({{"weight", weight}}, TrainConfig{});
    for (int i = 0; i < 3; ++i) {
      weight.mutable_grad() = gradient * (i + 1);
      optimizer.step(0.1, 0.5);
    }
    return weight.detach().cpu();
  };
  expect_close(stepped(device()), stepped(at::kCPU), 1e-5, "weight");
}

using WorldOnDevice = OnDevice<TrainerTest>;

TEST_P(WorldOnDevice, EveryLossAgreesWithTheCpuWholeAndInChunks) {
  for (const std::string loss :
       {"loss: {kind: info_nce}", "loss: {kind: info_nce, false_negatives: {above: 0.5}}",
        "loss: {kind: nt_xent}", "loss: {kind: cosine_distance}", "loss: {kind: sigmoid}",
        "loss: {kind: triplet}", "loss: {kind: momentum_queue, length: 24}",
        "loss: {kind: info_nce, temperature: {learned: false}}, widths: [4, 16]"}) {
    for (const std::string chunk : {"0", "5"}) {
      open(precision() + ", chunk: " + chunk,
           "alignment:\n  - {between: [a, b], " + loss + "}\n  - {views: a}\n");
      const auto run = [&](at::Device where) {
        const auto model = world_->model();
        JointLoss joint(world_->recipe, world_->pointers());
        joint.begin(*model);
        model->to(where);
        joint.to(where);
        LoaderConfig config{.batch = 16, .workers = 0, .seed = 5};
        config.two_views = joint.two_views();
        const auto& data = *world_->data;
        const auto loader = make_loader(data, data.rows(""), world_->pointers(), config);
        loader->start(0, 0);
        const auto value = joint.forward(*model, *loader->next());
        value.total.backward();
        joint.stepped(*model);
        return std::pair{value.total.item<double>(), model->parameters()};
      };
      const auto want = run(at::kCPU), got = run(device());
      EXPECT_NEAR(got.first, want.first, tolerance() * want.first) << loss;
      for (size_t i = 0; i < want.second.size(); ++i)
        expect_close(got.second[i].grad(), want.second[i].grad(), 3 * tolerance(), loss);
    }
  }
}

TEST_P(WorldOnDevice, EmbedsAsTheCpuDoes) {
  open("epochs: 1");
  std::vector<Value> values = {{"red house", {}, {}}, {"blue tree", {}, {}}, {"pink", {}, {}}};
  const auto vectors = [&](at::Device where) {
    const auto model = world_->model();
    model->to(where);
    const auto embedded = embed_values(*model, 0, *world_->modalities[0], values, {.batch = 2});
    return to_tensor(embedded.vectors).clone();
  };
  expect_close(vectors(device()), vectors(at::kCPU), tolerance(), "vectors");
}

TEST_P(WorldOnDevice, PoolsAsTheCpuDoes) {
  open("epochs: 1");
  world_->recipe.fields[0].second.pooling = ValuePoolingConfig{.hidden = 8};
  const std::vector<std::vector<Value>> samples = {
      {{"red house", {}, {}}}, {{"blue tree", {}, {}}, {"pink", {}, {}}, {"a bird", {}, {}}}};
  const auto run = [&](at::Device where) {
    const auto model = world_->model();
    model->to(where);
    const auto embedded = embed_samples(*model, 0, *world_->modalities[0], samples, {});
    const auto values = at::ones({5, 16}, at::TensorOptions(where)).requires_grad_();
    model->pooling(0)->forward(values.cumsum(0), {0, 3, 3, 5}).vectors.square().sum().backward();
    return std::pair{to_tensor(embedded.vectors).clone(), values.grad().cpu()};
  };
  const auto want = run(at::kCPU), got = run(device());
  expect_close(got.first, want.first, tolerance(), "vectors");
  expect_close(got.second, want.second, tolerance(), "gradients");
}

// Checkpoints hold CPU tensors, resuming goes on from them, and the loss falls as on the CPU.
TEST_P(WorldOnDevice, TrainsAndResumes) {
  open(precision() + ", epochs: 6, checkpoint_steps: 3, ema: 0.9, choose: last");
  sit("cpu", plain());
  device_ = device();
  EXPECT_THROW(sit("there", killed_at(9)), std::runtime_error);
  const auto result = sit("there", plain());
  EXPECT_TRUE(result.position.done);
  EXPECT_NE(result.position.device, "cpu");
  const auto last_loss = [&](const char* run) {
    return log_line(read_metrics_log(folder_ / run / "metrics.jsonl"), "loss").y.back();
  };
  EXPECT_NEAR(last_loss("there"), last_loss("cpu"), tolerance() * last_loss("cpu"));
}

TEST_P(WorldOnDevice, ResumingOnAnotherDeviceIsRefused) {
  open("epochs: 3, checkpoint_steps: 2");
  device_ = device();
  EXPECT_THROW(sit("run", killed_at(6)), std::runtime_error);
  device_ = at::kCPU;
  EXPECT_THAT(error_of([&] { sit("run"); }),
              AllOf(HasSubstr("state: "), HasSubstr(" on "), HasSubstr("--device")));
}

BRAID_ON_EVERY_DEVICE(Here);
BRAID_ON_EVERY_DEVICE(WorldOnDevice);

TEST(Device, PicksTheCpuAndNamesWhatIsWrongWithOthers) {
  EXPECT_EQ(pick_device("cpu"), at::Device(at::kCPU));
  EXPECT_EQ(pick_device("auto").is_cuda(), torch::cuda::device_count() > 0);
  for (const char* odd : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cpu:0", "CUDA"}) {
    EXPECT_THAT(error_of([&] { pick_device(odd); }),
                AllOf(HasSubstr("usage: "), HasSubstr("auto, cpu, cuda or cuda:N")))
        << odd;
  }
  EXPECT_THAT(error_of([&] { pick_device("cuda:99"); }),
              AllOf(HasSubstr("usage: "), HasSubstr("--device cuda:99: ")));
  EXPECT_EQ(devices()[0], "cpu");
  EXPECT_EQ(stage_on("train", at::kCPU), "train");
  EXPECT_EQ(stage_on("train", at::Device(at::kCUDA, 1)), "train on cuda:1");
}

}  // namespace
}  // namespace braid::test
