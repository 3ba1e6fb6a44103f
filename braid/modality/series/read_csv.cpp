// CSV: the separator is the one that stands in the first line, the first line a header where a cell
// of it is no number.
#include <charconv>
#include <limits>
#include <optional>
#include <set>

#include "braid/core/csv.h"
#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/modality/series/readers.h"

namespace braid {
namespace {

constexpr int64_t kMaxSeriesLine = 1 << 20;
constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void refuse_series_line(int64_t line, const std::string& what) {
  throw Error(ErrorCode::kInput, "series: line " + std::to_string(line) + ": " + what);
}

// Nothing where the cell is no number; NaN where it is missing.
std::optional<double> series_number(std::string_view cell) {
  cell = trim(cell);
  if (cell.empty() || cell == "NA" || cell == "N/A" || cell == "null") return kNoNumber;
  if (cell.front() == '+') cell.remove_prefix(1);
  double value = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size()) return std::nullopt;
  if (problem == std::errc::result_out_of_range) return kNoNumber;
  if (problem != std::errc()) return std::nullopt;
  return usable_number(value);
}

char series_separator(std::string_view text) {
  const auto line = text.substr(0, text.find('\n'));
  for (const char separator : {'\t', ';', ','}) {
    if (line.find(separator) != line.npos) return separator;
  }
  return ',';
}

std::vector<std::string> series_header(const CsvRecord& record) {
  std::set<std::string> seen;
  std::vector<std::string> names;
  for (const auto& cell : record.cells) {
    std::string name(trim(cell));
    if (name.empty()) name = std::to_string(names.size());
    if (!seen.insert(name).second)
      refuse_series_line(record.line, "column '" + name + "' stands twice");
    names.push_back(std::move(name));
  }
  return names;
}

bool is_series_header(const CsvRecord& record) {
  for (const auto& cell : record.cells) {
    if (!series_number(cell)) return true;
  }
  return false;
}

void add_series_row(const CsvRecord& record, Recording& out) {
  if (record.cells.size() != out.columns.size()) {
    refuse_series_line(record.line, "expected " + std::to_string(out.columns.size()) +
                                        " cells, got " + std::to_string(record.cells.size()));
  }
  for (size_t i = 0; i < record.cells.size(); ++i) {
    const auto number = series_number(record.cells[i]);
    if (!number) {
      refuse_series_line(record.line, "column '" + out.names[i] + "': expected a number, got '" +
                                          record.cells[i].substr(0, 40) + "'");
    }
    out.columns[i].push_back(*number);
  }
}

}  // namespace

Recording read_csv_recording(std::string_view text, const RecordingLimits& limits) {
  constexpr std::string_view kByteOrder = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrder)) text.remove_prefix(kByteOrder.size());
  CsvReader reader(text, series_separator(text), "series", kMaxSeriesLine);
  CsvRecord record;
  Recording out;
  if (!reader.next(record)) return out;
  check_recording_size(record.cells.size(), 1, limits);
  out.columns.resize(record.cells.size());
  if (is_series_header(record)) {
    out.names = series_header(record);
  } else {
    for (size_t i = 0; i < record.cells.size(); ++i) out.names.push_back(std::to_string(i));
    add_series_row(record, out);
  }
  while (reader.next(record)) {
    check_recording_size(out.columns.size(), out.columns[0].size() + 1, limits);
    add_series_row(record, out);
  }
  return out;
}

}  // namespace braid
