#include "braid/data/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/data/csv.h"

namespace braid {
namespace {

constexpr uint64_t kMaxManifestBytes = uint64_t{16} << 30;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string at_line(const std::filesystem::path& path, int64_t line) {
  return path.string() + ":" + std::to_string(line);
}

void check_text(std::string_view text, const std::string& where) {
  if (text.find('\0') != text.npos) {
    throw Error(ErrorCode::kInput, where + ": a NUL byte: not a text file?");
  }
  if (!valid_utf8(text)) throw Error(ErrorCode::kInput, where + ": not UTF-8 text");
}

// 0 = JSONL.
char separator_of(const std::filesystem::path& path, std::string_view text) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return c < 128 ? std::tolower(c) : c; });
  if (extension == ".jsonl" || extension == ".ndjson") return 0;
  if (extension == ".tsv") return '\t';
  const auto header = text.substr(0, text.find('\n'));
  if (extension == ".csv") {
    const bool tabs = header.find('\t') != header.npos && header.find(',') == header.npos;
    return tabs ? '\t' : ',';
  }
  if (trim(header).substr(0, 1) == "{") return 0;
  throw Error(ErrorCode::kInput, path.string() +
                                     ": cannot tell what this is: expected a manifest in " +
                                     "JSONL (one object a line), .csv or .tsv");
}

}  // namespace

Manifest::Manifest(std::filesystem::path path, std::string name, int64_t max_row_bytes)
    : path_(std::move(path)), name_(std::move(name)), text_(read_text(path_, kMaxManifestBytes)) {
  const size_t begin = text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  separator_ = separator_of(path_, std::string_view(text_).substr(begin));
  if (separator_) {
    find_records(begin, max_row_bytes);
  } else {
    find_lines(begin, max_row_bytes);
  }
  if (spans_.empty()) throw Error(ErrorCode::kInput, path_.string() + ": no rows");
}

void Manifest::find_lines(size_t begin, int64_t max_row_bytes) {
  int64_t line = 1;
  for (size_t end; begin < text_.size(); begin = end + 1, ++line) {
    end = std::min(text_.find('\n', begin), text_.size());
    const auto row = trim(std::string_view(text_).substr(begin, end - begin));
    if (row.empty()) continue;
    if (row.size() > static_cast<uint64_t>(max_row_bytes)) {
      throw Error(ErrorCode::kLimit, at_line(path_, line) + ": row of " +
                                         std::to_string(row.size()) +
                                         " bytes is over the limit of " +
                                         std::to_string(max_row_bytes) + " (data.max_row_bytes)");
    }
    const auto offset = static_cast<uint64_t>(row.data() - text_.data());
    spans_.push_back({offset, offset + row.size(), line});
  }
}

void Manifest::find_records(size_t begin, int64_t max_row_bytes) {
  CsvReader reader(std::string_view(text_).substr(begin), separator_, path_.string(),
                   max_row_bytes);
  CsvRecord record;
  if (!reader.next(record)) return;
  check_text(std::string_view(text_).substr(begin + record.begin, record.end - record.begin),
             at_line(path_, record.line));
  header_ = record.cells;
  for (size_t i = 0; i < header_.size(); ++i) {
    if (header_[i].empty()) {
      throw Error(ErrorCode::kInput,
                  at_line(path_, 1) + ": column " + std::to_string(i + 1) + " has no name");
    }
    if (std::find(header_.begin(), header_.begin() + i, header_[i]) != header_.begin() + i) {
      throw Error(ErrorCode::kInput,
                  at_line(path_, 1) + ": column '" + header_[i] + "' stands twice");
    }
  }
  while (reader.next(record)) {
    if (record.cells.size() != header_.size()) {
      throw Error(ErrorCode::kInput,
                  at_line(path_, record.line) + ": expected " + std::to_string(header_.size()) +
                      " cells as in the header, got " + std::to_string(record.cells.size()));
    }
    spans_.push_back({begin + record.begin, begin + record.end, record.line});
  }
}

Row Manifest::csv_row(const Span& span) const {
  const auto text = std::string_view(text_).substr(span.begin, span.end - span.begin);
  check_text(text, at_line(path_, span.line));
  CsvReader reader(text, separator_, path_.string(), static_cast<int64_t>(text.size()), span.line);
  CsvRecord record;
  reader.next(record);
  Row row = Row::object();
  for (size_t i = 0; i < header_.size(); ++i) {
    row[header_[i]] = record.cells[i].empty() ? Row() : Row(record.cells[i]);
  }
  return row;
}

Row Manifest::row(int64_t row) const {
  const auto& span = spans_.at(static_cast<size_t>(row));
  if (separator_) return csv_row(span);
  return parse_row(std::string_view(text_).substr(span.begin, span.end - span.begin),
                   at_line(path_, span.line));
}

std::string Manifest::where(int64_t row) const {
  return name_ + ":" + std::to_string(spans_.at(static_cast<size_t>(row)).line);
}

std::string Manifest::content_hash() const { return braid::content_hash(std::string_view(text_)); }

}  // namespace braid
