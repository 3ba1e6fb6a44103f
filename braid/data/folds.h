// Cross-validation: every row is tested once, by a model that has not seen its group.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/dataset.h"

namespace braid {

struct FoldsConfig {
  DataConfig data;
  std::filesystem::path base;  // as open_dataset
  int64_t count = 5;
  std::string group;  // column whose rows of one value stay together; "" = each row by itself
  uint64_t seed = 0;
  std::vector<std::string> files;  // columns that name files; empty = guessed as `inspect` does
  std::filesystem::path output;    // manifest, .jsonl
};

struct FoldsSummary {
  std::vector<int64_t> rows;  // of each fold
  int64_t groups = 0;
};

// Writes all rows, with their files named from the new place, and columns fold_1 .. fold_<count> for
// data.split_column: in fold_k the rows of part k are test, those of the next part (of the last: the
// first) val, all others train. Groups take their turns in random order, each to the part that has
// the fewest rows so far; a row without a value is a group by itself. Throws as open_dataset;
// Error(kUsage) for settings that cannot be, Error(kInput) for fewer groups than parts;
// Error(kInterrupted).
FoldsSummary make_folds(const FoldsConfig& config, const ProgressSink& progress = {},
                        const StopFlag* stop = nullptr);

}  // namespace braid
