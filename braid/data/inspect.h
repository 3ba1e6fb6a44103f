// What is in a data set, before anything is trained on it: columns, gaps, files that cannot be
// read, values that stand in two splits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/dataset.h"
#include "braid/data/target_audit.h"

namespace braid {

struct InspectConfig {
  DataConfig data;
  std::filesystem::path base;       // as open_dataset
  std::vector<FieldSource> fields;  // empty: which columns name files is guessed
  std::string target;               // a column: which others give it away? empty: not asked
  bool read_files = true;           // false: columns and splits only
  uint64_t max_file_bytes = uint64_t{256} << 20;

  // Decodes a value of `field` (of a guessed column: its kind, "picture", ...) and says what is
  // wrong with it, or "". Empty = files are only read.
  std::function<std::string(const std::string& field, std::span<const std::byte>)> check;
  ProgressSink progress;
};

struct ColumnAudit {
  std::string name;  // nested ones dotted
  // "text", "number", "true/false", "nested", "empty", "mixed", or "picture", "sound", "video",
  // "file" where the texts name files of that kind.
  std::string kind;
  bool list = false;
  int64_t missing = 0;  // rows
  int64_t values = 0;
  int64_t distinct = 0;               // counted up to kMaxDistinct
  int64_t least = 0, most = 0;        // values of a row that has any
  int64_t shortest = 0, longest = 0;  // characters of a text
  double low = 0, high = 0;           // of numbers
  std::vector<std::string> examples;

  static constexpr int64_t kMaxDistinct = 1'000'000;
};

bool is_file_kind(const std::string& kind);  // "picture", "sound", "video" or "file"

struct UnreadableFile {
  std::string where;   // "train.jsonl:17"
  std::string column;  // field, where fields were given
  std::string value;
  std::string message;
};

// One value, or one file content, that stands in more than one split.
struct SplitDuplicate {
  std::string column;
  std::string value;
  std::vector<std::string> splits;
  std::vector<std::string> where;  // the first place in each
};

// Sources that follow each other and have one layout.
struct LayoutAudit {
  std::string layout;  // "shards"
  int64_t sources = 0;
  int64_t rows = 0;
};

struct Audit {
  std::vector<std::string> manifests;
  std::vector<LayoutAudit> layouts;
  int64_t rows = 0;
  std::vector<std::pair<std::string, int64_t>> splits;
  std::vector<ColumnAudit> columns;
  std::vector<std::string> checked;  // columns or fields whose files were read
  int64_t files = 0;
  int64_t file_bytes = 0;
  int64_t unreadable = 0;
  std::vector<UnreadableFile> unreadable_first;  // the first kNamed
  int64_t duplicates = 0;
  std::vector<SplitDuplicate> duplicates_first;
  std::optional<TargetAudit> target;

  static constexpr size_t kNamed = 20;
};

// Throws as open_dataset. A row's file that cannot be read is part of the answer, not an error;
// Error(kIo) from the disk is one.
Audit inspect(const InspectConfig& config);

// For `braid inspect a.jsonl b.jsonl`: several manifests are splits named by their file names, but
// several tars are one set; of one manifest a column named "split", where there is one, tells them.
// `how` has the rest: layout, root, ...
InspectConfig inspect_config(const std::vector<std::filesystem::path>& manifests,
                             const DataConfig& how = {});

std::string audit_json(const Audit& audit);
std::string audit_table(const Audit& audit, int width = 80);  // plain text, no line wider

}  // namespace braid
