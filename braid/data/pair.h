// Joins rows of several data sets into samples by a seeded rule: the same digit shown and spoken,
// and any face.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/dataset.h"

namespace braid {

struct PairConfig {
  // Name, as data.manifest of a recipe. The first leads: each of its rows is in `times` samples.
  std::vector<std::pair<std::string, std::string>> sources;
  // Name of a source, not the first -> column that must have the value that the leading row has.
  std::map<std::string, std::string> same;
  DataConfig data;             // of every source: layout
  std::filesystem::path base;  // as open_dataset
  int64_t times = 1;
  uint64_t seed = 0;
  std::filesystem::path output;  // manifest, .jsonl
};

struct PairSummary {
  int64_t rows = 0;
  int64_t left_out = 0;  // leading rows without a value, or with one that a source does not have
};

// Writes rows {"gesture": {...}, "speech": {...}, "face": {...}}: a row of each source, whose files
// are named from where the manifest lies. A source of `same` gives a row with the leading row's value,
// any other one any row. Of the rows that may be drawn, each is drawn once, in random order, before
// one is drawn again; every source draws by itself. Throws as open_dataset; Error(kUsage) for
// settings that cannot be; Error(kInput) where no sample comes about; Error(kInterrupted).
PairSummary pair_rows(const PairConfig& config, const ProgressSink& progress = {},
                      const StopFlag* stop = nullptr);

}  // namespace braid
