// A worse copy of a data set: pictures that lack a part, sounds under noise, by fixed seeds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/dataset.h"
#include "braid/data/degrade_value.h"

namespace braid {

struct DegradeConfig {
  DataConfig data;             // `key` names the rows that draw the same in another data set
  std::filesystem::path base;  // as open_dataset
  std::string split;           // rows of one split; "" = all
  std::map<std::string, Degradation> columns;
  uint64_t seed = 0;
  int64_t rate = 16000;            // of the sounds written
  std::vector<std::string> files;  // columns that name files; empty = guessed as `inspect` does
  std::filesystem::path output;    // manifest, .jsonl; its files go to a .tar of the same stem
};

struct DegradeSummary {
  int64_t rows = 0;
  int64_t files = 0;  // made
};

// Writes the tar and, at last, the manifest: the rows as they are, but that the columns asked for
// name the degraded values (PNG, FLAC of one channel) and all others their files from where the
// manifest lies. What a value draws depends on seed, row key, column and place in a list: not on
// other rows. A missing value stays missing. Throws as open_dataset; Error(kUsage) for settings that
// cannot be; Error(kInput, kNotFound) naming the row whose value cannot be read;
// Error(kInterrupted).
DegradeSummary degrade_data(const DegradeConfig& config, const ProgressSink& progress = {},
                            const StopFlag* stop = nullptr);

}  // namespace braid
