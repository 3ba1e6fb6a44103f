#include "braid/engine/bench_verb.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <system_error>

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/core/parallel.h"
#include "braid/engine/loaded_run.h"
#include "braid/engine/sample_stores.h"
#include "braid/engine/train_verb.h"
#include "braid/kernel/topk.h"
#include "braid/task/embed.h"
#include "braid/task/joint_loss.h"
#include "braid/task/target_table.h"
#include "braid/task/tensor.h"
#include "braid/train/adamw.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kBatch = 32;  // of encoding and embedding
constexpr int64_t kHits = 10;

// Goes with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(fs::temp_directory_path() / "braid_bench_XXXXXX") {
    std::string name = path_.string();
    if (!::mkdtemp(name.data()))
      throw Error(ErrorCode::kIo, path_.string() + ": cannot make: " + std::strerror(errno));
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class Bench {
 public:
  Bench(const BenchRequest& request, const Watch& watch, LoadedRun& run)
      : request_(request), watch_(watch), run_(run) {}

  BenchSummary run();

 private:
  // One round that does not count, then rounds until the time is up; `round` says how many it did.
  void measure(const std::string& name, const std::string& unit,
               const std::function<int64_t()>& round);
  void field(const Dataset& data, const std::vector<int64_t>& rows, size_t field);
  void search(const std::string& name, const Array& vectors);
  void loading(const Dataset& data, std::vector<int64_t> rows, const JointLoss& loss);
  void training(const Dataset& data);

  BenchRequest request_;
  Watch watch_;
  LoadedRun& run_;
  BenchSummary summary_;
  Notices notices_;
};

void Bench::measure(const std::string& name, const std::string& unit,
                    const std::function<int64_t()>& round) {
  using Clock = std::chrono::steady_clock;
  Meter meter(watch_.sink, name, unit, 0);
  round();
  const auto begin = Clock::now();
  BenchLine line{name, unit};
  do {
    if (watch_.stop && watch_.stop->requested()) {
      throw Error(ErrorCode::kInterrupted, "stopped while measuring: " + name);
    }
    const int64_t done = round();
    line.count += done;
    line.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    meter.advance(done);
  } while (line.seconds < request_.seconds);
  meter.finish();
  summary_.lines.push_back(line);
}

std::vector<Value> values_of(const Dataset& data, const std::vector<int64_t>& rows, size_t field) {
  std::vector<Value> values;
  for (const int64_t row : rows) {
    for (size_t source = 0; source < data.fields()[field].columns.size(); ++source) {
      auto own = data.values(row, field, source);
      if (!own.empty()) values.push_back(std::move(own.front()));
    }
  }
  return values;
}

void Bench::field(const Dataset& data, const std::vector<int64_t>& rows, size_t field) {
  const auto& name = run_.recipe.fields[field].first;
  const auto& modality = *run_.modalities[field];
  const auto values = values_of(data, rows, field);
  if (values.empty()) return;
  const int64_t threads = this_machine().threads, count = static_cast<int64_t>(values.size());
  std::vector<Sample> views(values.size());
  measure((modality.name() == "text" ? "tokenize " : "read ") + name, "samples", [&] {
    parallel_for(count, threads, [&](int64_t i) {
      const auto& value = values[static_cast<size_t>(i)];
      views[static_cast<size_t>(i)] =
          modality.view(modality.prepare(fetch(value, modality.max_bytes())));
    });
    return count;
  });
  std::vector<const Sample*> some;
  for (size_t i = 0; i < std::min<size_t>(views.size(), kBatch); ++i) some.push_back(&views[i]);
  const auto batch = modality.collate(some);
  run_.model->train(false);
  measure("encode " + name, "samples", [&] {
    const at::NoGradGuard no_grad;
    const auto vectors = run_.model->embed(field, to_tensor(batch.values), to_tensor(batch.mask));
    to_array(vectors);  // a device has done it only when the result is here
    return static_cast<int64_t>(some.size());
  });
  Embedded embedded;
  measure("embed " + name, "samples", [&] {
    embedded = embed_values(*run_.model, field, modality, values,
                            {.threads = threads, .batch = kBatch, .stop = watch_.stop});
    return count;
  });
  search("search " + name, embedded.vectors);
}

// One question at a time, every vector compared.
void Bench::search(const std::string& name, const Array& vectors) {
  const int64_t count = vectors.size(0), width = vectors.size(1);
  if (count == 0) return;
  const float* rows = vectors.values<float>().data();
  int64_t asked = 0;
  measure(name + " (" + std::to_string(count) + " vectors)", "questions", [&]() -> int64_t {
    topk(rows + asked++ % count * width, 1, {rows, count, width}, kHits);
    return 1;
  });
}

// The same rows, as training reads them, from three places: nothing prepared before, the disk
// cache, memory.
void Bench::loading(const Dataset& data, std::vector<int64_t> rows, const JointLoss& loss) {
  const auto& recipe = run_.recipe;
  const auto modalities = run_.modality_pointers();
  auto config = loader_config(recipe, loss, *run_.model);
  rows.resize(std::min(rows.size(), static_cast<size_t>(request_.samples)));
  config.batch = std::min(config.batch, static_cast<int64_t>(rows.size()));
  const TemporaryFolder folder;
  int64_t epoch = 0;
  std::unique_ptr<Loader> loader;
  const auto open = [&](bool on_disk, int64_t memory) {
    loader.reset();
    config.cache_bytes = memory;
    config.stored.clear();
    if (on_disk) {
      const auto samples = folder.path() / "samples";
      fs::remove_all(samples);
      const CacheRoom room({samples}, std::max<int64_t>(1, recipe.train.disk_cache_mb) << 20);
      config.stored = open_sample_stores(recipe, modalities, room, samples, notices_);
    }
    loader = make_loader(data, rows, modalities, config);
  };
  const auto one_epoch = [&] {
    int64_t samples = 0;
    loader->start(epoch++, 0);
    while (const auto batch = loader->next()) samples += static_cast<int64_t>(batch->rows.size());
    if (samples == 0) throw Error(ErrorCode::kInput, "no batch could be read");
    return samples;
  };
  measure("load, first epoch", "samples", [&] {
    open(true, 0);
    return one_epoch();
  });
  measure("load, from the disk cache", "samples", one_epoch);
  open(false, recipe.train.cache_mb << 20);
  measure("load, from memory", "samples", one_epoch);
  loader.reset();
  notices_.tell(watch_.sink);
}

void Bench::training(const Dataset& data) {
  const auto& recipe = run_.recipe;
  const auto rows = data.rows(data.splits().empty() ? "" : recipe.train_split);
  if (static_cast<int64_t>(rows.size()) < recipe.train.batch) {
    summary_.notes.push_back("training step: left out, the data has " +
                             std::to_string(rows.size()) + " rows to train on, fewer than a batch" +
                             " of " + std::to_string(recipe.train.batch));
    return;
  }
  for (const auto& [name, field] : recipe.fields) {
    if (!field.frozen) continue;
    summary_.notes.push_back("training step: here the frozen encoder of " + name +
                             " runs in each; training encodes a value once");
  }
  const auto modalities = run_.modality_pointers();
  JointLoss loss(recipe, modalities, read_all_targets(recipe, run_.facts, data, rows));
  loss.to(run_.model->device());
  loss.begin(*run_.model);
  loading(data, rows, loss);
  const auto loader = make_loader(data, rows, modalities, loader_config(recipe, loss, *run_.model));
  loader->start(0, 0);
  auto parameters = run_.model->named_parameters();
  for (const auto& parameter : loss.named_parameters()) parameters.push_back(parameter);
  Adamw optimizer(parameters, recipe.train);
  run_.model->train(true);
  int64_t epoch = 0;
  measure("train", "samples", [&] {
    auto batch = loader->next();
    if (!batch) loader->start(++epoch, 0);
    if (!batch) batch = loader->next();
    if (!batch) throw Error(ErrorCode::kInput, "no batch could be read");
    const auto value = loss.forward(*run_.model, *batch);
    if (value.total.defined()) value.total.backward();
    optimizer.step(recipe.train.lr, optimizer.clip_scale(optimizer.gradient_norm()));
    optimizer.zero_gradients();
    loss.stepped(*run_.model);
    return static_cast<int64_t>(batch->rows.size());
  });
}

BenchSummary Bench::run() {
  const auto data = open_data(run_.recipe, run_.recipe.sources(), request_.data);
  auto rows = data->rows("");
  if (rows.empty()) throw Error(ErrorCode::kInput, "the data has no rows");
  rows.resize(std::min(rows.size(), static_cast<size_t>(request_.samples)));
  for (size_t i = 0; i < run_.modalities.size(); ++i) field(*data, rows, i);
  training(*data);
  const auto machine = this_machine();
  summary_.run = request_.run;
  summary_.cpu = machine.cpu;
  summary_.threads = machine.threads;
  summary_.capability = machine.capability;
  summary_.parameters = run_.model->parameter_count();
  summary_.peak_memory_mb = peak_memory_mb();
  return summary_;
}

}  // namespace

BenchSummary bench_run(const BenchRequest& request, const Watch& watch) {
  if (request.samples < 1 || request.seconds <= 0) {
    throw Error(ErrorCode::kUsage, "bench: expected at least one sample and more than 0 seconds");
  }
  const auto begin = std::chrono::steady_clock::now();
  auto run = open_run(request.run, watch.device);
  const std::chrono::duration<double> opening = std::chrono::steady_clock::now() - begin;
  auto summary = Bench(request, watch, run).run();
  summary.open_seconds = opening.count();
  return summary;
}

}  // namespace braid
