// A run on disk: the deployable, and what resuming needs.
//
//   recipe.yaml  model.safetensors  tokenizer*.json  run.json  metrics.jsonl  events.*  report.html
//   state/step-000000120/{model,optimizer,average,negatives}.safetensors, trainer.json   newest =
//   where to go on state/best-000000090.safetensors                                           best
//   on validation so far
//   state/towers.safetensors                  encoders that began as another run's (init_from)
//
// A checkpoint folder is written under a temporary name, synced and renamed: it is whole or absent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "braid/tensor_file/safetensors.h"

namespace braid {

// Who a run is; run.json.
struct RunStamp {
  std::string id;  // hash of recipe, data, seed
  std::string name;
  std::string version;  // of braid
  std::string data_hash;
  std::string licence;       // of the data
  std::string weights_hash;  // of model.safetensors; "" before it is written
  int64_t seed = 0;
  bool finished = false;
};

// Where training stands between two steps; trainer.json.
struct TrainPosition {
  int64_t step = 0;   // optimizer steps done
  int64_t epoch = 0;  // the next batch is
  int64_t batch = 0;  // (epoch, batch)
  double elapsed_s = 0;
  double best = 0;         // best validation score
  int64_t best_step = -1;  // -1 = none yet
  int64_t worse = 0;       // evaluations since the best
  bool done = false;
  int64_t threads = 0;  // resuming under others would not give the same bytes
  std::string capability;
  std::string device = "cpu";      // its kind
  std::string precision = "fp32";  // of products
};

struct Checkpoint {
  TrainPosition position;
  TensorFile model, optimizer;
  TensorFile average, negatives;  // empty when off; negatives also before the first mining
};

class RunDirectory {
 public:
  // Throws Error(kState) if `path` holds anything already.
  static RunDirectory create(const std::filesystem::path& path);
  // Throws Error(kNotFound) if `path` is no run.
  static RunDirectory open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path recipe() const { return path_ / "recipe.yaml"; }
  std::filesystem::path model() const { return path_ / "model.safetensors"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path report() const { return path_ / "report.html"; }
  std::filesystem::path best(int64_t step) const;
  // Weights that encoders start from where the recipe takes them from another run.
  std::filesystem::path towers() const { return path_ / "state" / "towers.safetensors"; }

  void write_stamp(const RunStamp& stamp) const;
  RunStamp stamp() const;  // throws Error(kInput) for a damaged run.json

  // Keeps the newest `keep` checkpoints and the best weights that the newest one names.
  void write_checkpoint(const Checkpoint& checkpoint, int64_t keep) const;
  std::optional<Checkpoint> newest_checkpoint() const;
  bool has_checkpoint() const { return !checkpoints().empty(); }

 private:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::vector<std::filesystem::path> checkpoints() const;  // rising steps
  void prune(const TrainPosition& position, int64_t keep) const;

  std::filesystem::path path_;
};

// A run that another process is training is refused: Error(kState). Released with the object.
class RunLock {
 public:
  explicit RunLock(const RunDirectory& run);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int fd_;
};

}  // namespace braid
