#include "braid/data/speak.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/data/cell.h"
#include "braid/data/file_columns.h"
#include "braid/data/moved_row.h"

namespace braid {
namespace {

constexpr const char* kSound = "speech";  // columns that are added
constexpr const char* kPhonemes = "phonemes";

void check_config(const SpeakConfig& config) {
  const auto refuse = [](const std::string& why) { throw Error(ErrorCode::kUsage, why); };
  if (config.column.empty()) refuse("speak: which column is read? expected --column NAME");
  if (config.column == kSound || config.column == kPhonemes)
    refuse("speak: column '" + config.column + "' is one that is added; rename the texts' column");
  if (config.voices.empty()) refuse("speak: expected at least one voice, such as en-us");
}

}  // namespace

SpeakSummary speak(const SpeakConfig& config, const ProgressSink& progress, const StopFlag* stop) {
  check_config(config);
  std::vector<FieldSource> fields = {{config.column, "text", {{"", {config.column}}}}};
  for (auto& field : file_fields(config.data, config.base, config.files, progress))
    fields.push_back(std::move(field));
  const auto data = open_dataset(config.data, fields, config.base);
  const auto rows = data->rows(config.split);
  if (rows.empty())
    throw Error(ErrorCode::kUsage, "the data has no rows in split '" + config.split + "'");
  SpokenFiles files(config.output);
  SpeakSummary summary;
  std::string manifest;
  Meter meter(progress, "speak", "row", static_cast<int64_t>(rows.size()));
  for (const int64_t row : rows) {
    if (stop && stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped; the same command continues");
    auto texts = data->values(row, 0, 0);
    if (config.most > 0) texts.resize(std::min(texts.size(), static_cast<size_t>(config.most)));
    auto cells = moved_row(*data, row, 1, config.output);
    for (const auto& text : texts) {
      const auto spoken = files.read("say", text.text, config.voices);
      if (!spoken) continue;
      *const_cast<Row*>(find_cell(cells, config.column)) = text.text;  // of our own copy
      cells[kSound] = spoken->file;
      cells[kPhonemes] = spoken->phonemes;
      manifest += cells.dump() + "\n";
      ++summary.rows;
    }
    meter.advance(1);
  }
  if (summary.rows == 0)
    throw Error(ErrorCode::kUsage, "speak: column '" + config.column + "' has no text to read");
  write_atomic(config.output / "spoken.jsonl", manifest);
  meter.finish();
  summary.speech = files.facts();
  return summary;
}

}  // namespace braid
