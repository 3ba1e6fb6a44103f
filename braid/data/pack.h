// Writes a data set of any layout as WebDataset shards: a sample's files and a .json that holds the
// whole row. Read back, the shards give the same rows and the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/dataset.h"

namespace braid {

struct PackConfig {
  DataConfig data;
  std::filesystem::path base;      // as open_dataset
  std::string split;               // rows of one split; "" = all
  std::vector<std::string> files;  // columns that name files; empty = guessed as `inspect` does
  std::string output;              // "shards/train-%06d.tar"; without %d everything in one tar
  int64_t max_count = 0;           // samples a shard; 0 = no limit
  uint64_t max_bytes = uint64_t{1} << 30;  // of a shard, before it is compressed; 0 = no limit
  bool zst = false;
  uint64_t max_file_bytes = uint64_t{256} << 20;
};

struct PackSummary {
  int64_t samples = 0;
  std::vector<std::string> shards;
  std::vector<std::string> files;  // columns whose files were packed
};

// Throws as open_dataset; Error(kUsage) for an output pattern that cannot be; Error(kState) where a
// shard is there already; Error(kInput, kNotFound) naming the row whose file cannot be read;
// Error(kInterrupted), after which the shards written stay.
PackSummary pack(const PackConfig& config, const ProgressSink& progress = {},
                 const StopFlag* stop = nullptr);

// The name of shard `number`: "%06d" and "%d" stand for it. Throws Error(kUsage) for other uses of
// '%' and for more than one.
std::string shard_name(const std::string& pattern, int64_t number);

}  // namespace braid
