// A trainer in a tiny world, killed and resumed at will: what the tests of training share.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "braid/core/file.h"
#include "braid/report/metrics_log.h"
#include "braid/task/fill_supports.h"
#include "braid/train/parts.h"
#include "braid/train/trainer.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid::test {

namespace fs = std::filesystem;

constexpr const char* kPair = "alignment:\n  - {between: [a, b]}\n";

// Calls `hook` with the number of each batch, from 1, before it is handed out.
class WatchedLoader final : public Loader {
 public:
  WatchedLoader(std::unique_ptr<Loader> loader, std::function<void(int64_t)> hook)
      : loader_(std::move(loader)), hook_(std::move(hook)) {}
  std::unique_ptr<Batch> next() override {
    auto batch = loader_->next();
    if (batch && hook_) hook_(++count_);
    return batch;
  }
  void start(int64_t epoch, int64_t step) override { loader_->start(epoch, step); }
  int64_t steps_per_epoch() const override { return loader_->steps_per_epoch(); }
  std::vector<BadSample> bad() const override { return loader_->bad(); }
  Loading loading() const override { return loader_->loading(); }

 private:
  std::unique_ptr<Loader> loader_;
  std::function<void(int64_t)> hook_;
  int64_t count_ = 0;
};

struct Sitting {
  std::function<void(int64_t, Model&)> hook;  // before each batch
  std::function<double(int64_t)> score;  // of the n-th evaluation of this sitting; empty = none
  const StopFlag* stop = nullptr;
};

class TrainerTest : public testing::Test {
 protected:
  // Four batches an epoch.
  void open(const std::string& train, const std::string& terms = kPair,
            const std::string& manifest = tiny_manifest()) {
    world_ = std::make_unique<TinyWorld>(
        folder_.path(), terms + "train: {batch: 16, lr: 0.02, " + train + "}\n", manifest);
  }

  // Trains in `name`, from its newest checkpoint where there is one.
  TrainResult sit(const std::string& name, const Sitting& sitting = {}) {
    const auto path = folder_ / name;
    auto run = fs::exists(path) ? RunDirectory::open(path) : RunDirectory::create(path);
    if (!fs::exists(path / "run.json")) run.write_stamp({});
    const auto model = world_->model();
    JointLoss loss(world_->recipe, world_->pointers(), world_->targets());
    freeze_parts(*model, loss, world_->recipe.train.parts);
    model->to(device_);
    loss.to(device_);
    LoaderConfig config;
    config.batch = world_->recipe.train.batch;
    config.workers = workers_;
    config.seed = 5;
    config.two_views = loss.two_views();
    for (const auto& [name, field] : world_->recipe.fields) config.pooling.push_back(field.pooling);
    config.every_source = loss.every_source();
    if (!world_->recipe.tasks.empty())
      config.dropout = {world_->recipe.train.modality_dropout.value_or(0), loss.pairs()};
    const auto& data = *world_->data;
    std::unique_ptr<HardNegatives> negatives;
    if (world_->recipe.train.hard_negatives.every > 0) {
      negatives =
          std::make_unique<HardNegatives>(world_->recipe, data, data.rows(""), world_->pointers());
      config.arrange = [&](std::vector<int64_t>& order) { negatives->arrange(order); };
    }
    WatchedLoader loader(make_loader(data, data.rows(""), world_->pointers(), config),
                         [&](int64_t n) {
                           if (sitting.hook) sitting.hook(n, *model);
                         });
    TrainParts parts{&world_->recipe, &data, model.get(), &loss,
                     &loader,         &run,  {},          {},  negatives.get()};
    parts.fill_supports = [&] {
      fill_supports(*model, world_->recipe, data, data.rows(""), world_->pointers(), {});
    };
    evaluations_ = 0;
    if (sitting.score)
      parts.validate = [&] {
        return Validation{sitting.score(++evaluations_), {{"validation/score", 1}}};
      };
    return train(parts, {{}, sitting.stop, false});
  }

  std::string bytes(const std::string& name) const {
    return read_text(folder_ / name / "model.safetensors");
  }

  // A kill between two steps: the process knows nothing of it.
  static Sitting killed_at(int64_t batch) {
    return {[batch](int64_t n, Model&) {
              if (n == batch) throw std::runtime_error("killed");
            },
            [](int64_t) { return 0.0; }};
  }
  static Sitting plain() {
    return {{}, [](int64_t) { return 0.0; }};
  }

  // Killed at each of `batches` in turn, then finished: the bytes of the run that nobody killed.
  void expect_equal_bytes_after_kills(const std::vector<int64_t>& batches) {
    sit("whole", plain());
    for (size_t i = 0; i < batches.size(); ++i) {
      EXPECT_THROW(sit("parts", killed_at(batches[i])), std::runtime_error) << i;
    }
    const auto result = sit("parts", plain());
    EXPECT_TRUE(result.position.done);
    EXPECT_TRUE(bytes("whole") == bytes("parts"));
    expect_equal_last_checkpoints();
    const auto log = read_metrics_log(folder_ / "parts/metrics.jsonl");
    int64_t steps = 0;
    for (const auto& entry : log) steps += entry.values[0].first == "loss";
    EXPECT_EQ(steps, result.position.step);  // each step once, whatever was done twice
  }

  // The best weights may be early ones: what training ended with says more.
  void expect_equal_last_checkpoints() const {
    const auto last = [&](const char* name) {
      fs::path newest;
      for (const auto& entry : fs::directory_iterator(folder_ / name / "state")) {
        const auto file = entry.path().filename().string();
        if (file.starts_with("step-") && entry.path() > newest) newest = entry.path();
      }
      return newest;
    };
    int64_t compared = 0;
    for (const auto& entry : fs::directory_iterator(last("whole"))) {
      if (entry.path().extension() != ".safetensors") continue;
      EXPECT_TRUE(read_text(entry.path()) == read_text(last("parts") / entry.path().filename()))
          << entry.path();
      ++compared;
    }
    EXPECT_GE(compared, 2);
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  int64_t evaluations_ = 0;
  int64_t workers_ = 0;
  at::Device device_ = at::kCPU;
};

}  // namespace braid::test
