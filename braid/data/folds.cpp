#include "braid/data/folds.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/core/text.h"
#include "braid/data/file_columns.h"
#include "braid/data/moved_row.h"

namespace braid {
namespace {

constexpr int64_t kFewest = 3, kMost = 100;  // with two there is no row to train on

void check_folds(const FoldsConfig& config) {
  if (config.count < kFewest || config.count > kMost) {
    throw Error(ErrorCode::kUsage, "folds: expected 3 .. 100 parts, got " +
                                       std::to_string(config.count) +
                                       " (one is test, one val, the others train)");
  }
  if (config.output.extension() != ".jsonl") {
    throw Error(ErrorCode::kUsage, "folds: '" + config.output.string() +
                                       "': expected the name of a manifest to write, .jsonl");
  }
}

// Rows that stay together, in the order in which they are met.
std::vector<std::vector<int64_t>> groups_of_rows(const Dataset& data, const std::string& column) {
  std::vector<std::vector<int64_t>> groups;
  std::map<std::string, size_t> known;
  for (int64_t row = 0; row < data.size(); ++row) {
    const auto value = column.empty() ? "" : join(data.column(row, column), "\n");
    const auto at = value.empty() ? groups.size() : known.try_emplace(value, groups.size()).first->second;
    if (at == groups.size()) groups.emplace_back();
    groups[at].push_back(row);
  }
  if (!column.empty() && known.empty())
    throw Error(ErrorCode::kInput, "folds: no row has a value in column '" + column + "'");
  return groups;
}

}  // namespace

FoldsSummary make_folds(const FoldsConfig& config, const ProgressSink& progress,
                        const StopFlag* stop) {
  check_folds(config);
  const auto data = open_dataset(
      config.data, file_fields(config.data, config.base, config.files, progress), config.base);
  const auto groups = groups_of_rows(*data, config.group);
  const auto count = static_cast<size_t>(config.count);
  if (groups.size() < count) {
    throw Error(ErrorCode::kInput, "folds: " + std::to_string(groups.size()) +
                                       " groups cannot make " + std::to_string(count) + " parts");
  }
  FoldsSummary summary{std::vector<int64_t>(count), static_cast<int64_t>(groups.size())};
  std::vector<size_t> part_of(static_cast<size_t>(data->size()));
  for (const auto at : permutation(summary.groups, Rng(config.seed, 0, 0, "folds"))) {
    const auto& rows = groups[static_cast<size_t>(at)];
    const auto part = static_cast<size_t>(std::ranges::min_element(summary.rows) -
                                          summary.rows.begin());
    for (const int64_t row : rows) part_of[static_cast<size_t>(row)] = part;
    summary.rows[part] += static_cast<int64_t>(rows.size());
  }
  std::string manifest;
  Meter meter(progress, "folds", "row", data->size());
  for (int64_t row = 0; row < data->size(); ++row) {
    if (stop && stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped; nothing is written");
    auto cells = moved_row(*data, row, 0, config.output.parent_path());
    const auto part = part_of[static_cast<size_t>(row)];
    for (size_t k = 0; k < count; ++k) {
      cells["fold_" + std::to_string(k + 1)] =
          part == k ? "test" : part == (k + 1) % count ? "val" : "train";
    }
    manifest += cells.dump() + "\n";
    meter.advance(1);
  }
  if (config.output.has_parent_path()) make_folder(config.output.parent_path());
  write_atomic(config.output, manifest);
  meter.finish();
  return summary;
}

}  // namespace braid
