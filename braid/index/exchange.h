// An index as files that other programs read and write.
//
//   vectors.npy   [N, D] float32, unit rows
//   items.jsonl   line n of N: {"key", "field", "file", "metadata": {...}} of row n, by key
//   origin.json   {"format": 1, "run_id", "weights_hash", "run_path", "width", "kind"}
//
// Paths are relative to the folder that holds the three.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "braid/core/progress.h"
#include "braid/index/index.h"

namespace braid {

// Each file appears whole or not at all, origin.json last. Gives the number of items. `path` is the
// index's folder. Memory: the vectors once. Throws Error(kState) if `folder` exists and is not
// empty or the index changes meanwhile, Error(kIo).
int64_t export_index(const std::filesystem::path& path, const std::filesystem::path& folder);

struct ImportRequest {
  std::filesystem::path vectors;  // .npy [N, D] float32
  std::filesystem::path items;    // .jsonl; `field`, `file` and `metadata` may be left out
  std::filesystem::path out;      // the index
  IndexOrigin origin;             // run_path relative to the working folder; may be empty
  std::optional<IndexKind> kind;  // default: exact, or what the index is
  bool add = false;               // into an index that exists
  ProgressSink sink;
  const StopFlag* stop = nullptr;
};

// Gives the number of items. All rows are checked before the first is added; then each thousand or
// so is one transaction. Throws Error(kInput) naming file and line for a row that is no item, a key
// given twice, other counts or shapes; Error(kState) for an index that exists (or, with `add`, one
// of another run).
int64_t import_index(const ImportRequest& request);

// What an export's origin.json says. Throws Error(kNotFound), Error(kInput).
struct ExportOrigin {
  IndexOrigin origin;  // run_path relative to the working folder
  IndexKind kind = IndexKind::kExact;
};
ExportOrigin read_export_origin(const std::filesystem::path& folder);

}  // namespace braid
