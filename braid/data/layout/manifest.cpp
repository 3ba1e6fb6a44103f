#include "braid/data/layout/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/core/csv.h"

namespace braid {
namespace {

constexpr uint64_t kPageBytes = 4 << 20;
constexpr int64_t kLineStride = 32;  // rows between two whose line is kept
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlank = " \t\r\n";

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

void check_text(std::string_view text, const std::string& where) {
  if (text.find('\0') != text.npos) {
    throw Error(ErrorCode::kInput, where + ": a NUL byte: not a text file?");
  }
  if (!valid_utf8(text)) throw Error(ErrorCode::kInput, where + ": not UTF-8 text");
}

}  // namespace

Manifest::Manifest(const TableInput& input)
    : text_(input.path), max_row_bytes_(static_cast<uint64_t>(input.max_row_bytes)) {
  const std::string head = text_.read(0, kPageBytes);
  const size_t begin = head.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  separator_ = separator_of(text_.path(), std::string_view(head).substr(begin));
  if (separator_) {
    find_records(begin);
  } else {
    find_lines(begin);
  }
  if (begins_.empty()) throw Error(ErrorCode::kInput, text_.path().string() + ": no rows");
}

std::string Manifest::at_line(int64_t line) const {
  return text_.path().string() + ":" + std::to_string(line);
}

void Manifest::add_row(uint64_t begin, int64_t line) {
  if (begins_.size() % kLineStride == 0) lines_.push_back(line);
  begins_.push_back(begin);
}

void Manifest::find_lines(uint64_t begin) {
  int64_t line = 1;
  bool blank = true;            // nothing but spaces on this line so far
  uint64_t first = 0, end = 0;  // of what is not space on this line
  const auto end_line = [&] {
    if (!blank) {
      if (end - first > max_row_bytes_) {
        throw Error(ErrorCode::kLimit, at_line(line) + ": row of " + std::to_string(end - first) +
                                           " bytes is over the limit of " +
                                           std::to_string(max_row_bytes_) +
                                           " (data.max_row_bytes)");
      }
      add_row(first, line);
    }
    blank = true;
    ++line;
  };
  for (uint64_t at = begin; at < text_.size(); at += kPageBytes) {
    const std::string page = text_.read(at, kPageBytes);
    for (size_t i = 0; i < page.size();) {
      const size_t stop = std::min(page.find('\n', i), page.size());
      const auto part = std::string_view(page).substr(i, stop - i);
      const size_t here = part.find_first_not_of(kBlank);
      if (here != part.npos) {
        if (blank) first = at + i + here;
        blank = false;
        end = at + i + part.find_last_not_of(kBlank) + 1;
      }
      if (stop < page.size()) end_line();
      i = stop + 1;
    }
  }
  end_line();
}

void Manifest::take_header(const std::vector<std::string>& names) {
  for (auto at = names.begin(); at != names.end(); ++at) {
    check_text(*at, at_line(1));
    if (at->empty()) {
      throw Error(ErrorCode::kInput, at_line(1) + ": column " +
                                         std::to_string(at - names.begin() + 1) + " has no name");
    }
    if (std::find(names.begin(), at, *at) != at)
      throw Error(ErrorCode::kInput, at_line(1) + ": column '" + *at + "' stands twice");
  }
  header_ = names;
}

// Record by record; a new page begins where the rest might not hold a whole record any more.
void Manifest::find_records(uint64_t begin) {
  const uint64_t reserve = max_row_bytes_ + 4;
  const uint64_t page_bytes = kPageBytes + 2 * reserve;
  int64_t line = 1;
  for (uint64_t at = begin; at < text_.size();) {
    const std::string page = text_.read(at, page_bytes);
    const bool last = at + page.size() == text_.size();
    CsvReader reader(page, separator_, text_.path().string(), static_cast<int64_t>(max_row_bytes_),
                     line);
    CsvRecord record;
    while ((last || reader.position() + reserve < page.size()) && reader.next(record)) {
      if (header_.empty()) {
        take_header(record.cells);
        continue;
      }
      if (record.cells.size() != header_.size()) {
        throw Error(ErrorCode::kInput,
                    at_line(record.line) + ": expected " + std::to_string(header_.size()) +
                        " cells as in the header, got " + std::to_string(record.cells.size()));
      }
      add_row(at + record.begin, record.line);
    }
    if (last) return;
    at += reader.position();
    line = reader.line();
  }
}

int64_t Manifest::line_of(int64_t i) const {
  const auto known = static_cast<size_t>(i / kLineStride);
  int64_t line = lines_.at(known);
  const uint64_t end = begins_.at(static_cast<size_t>(i));
  for (uint64_t at = begins_[known * kLineStride]; at < end; at += kPageBytes) {
    const std::string page = text_.read(at, std::min(kPageBytes, end - at));
    line += std::count(page.begin(), page.end(), '\n');
  }
  return line;
}

Row Manifest::csv_row(const std::string& text, int64_t i) const {
  CsvReader reader(text, separator_, text_.path().string(), static_cast<int64_t>(max_row_bytes_));
  CsvRecord record;
  reader.next(record);
  const auto cells = std::string_view(text).substr(record.begin, record.end - record.begin);
  check_text(cells, at_line(line_of(i)));
  if (record.cells.size() != header_.size()) {
    throw Error(ErrorCode::kInput, at_line(line_of(i)) + ": the file changed since it was opened");
  }
  Row row = Row::object();
  for (size_t c = 0; c < header_.size(); ++c) {
    row[header_[c]] = record.cells[c].empty() ? Row() : Row(std::move(record.cells[c]));
  }
  return row;
}

Row Manifest::row(int64_t i) const {
  const auto at = static_cast<size_t>(i);
  const uint64_t begin = begins_.at(at);
  const uint64_t next = at + 1 < begins_.size() ? begins_[at + 1] : text_.size();
  // Blank lines may follow the row, more than anybody would want to read.
  const std::string text = text_.read(begin, std::min(next - begin, max_row_bytes_ + 2));
  if (separator_) return csv_row(text, i);
  const auto row = trim(text);
  try {
    return parse_row(row, "");
  } catch (const Error& problem) {
    throw Error(problem.code(), at_line(line_of(i)) + problem.what());
  }
}

}  // namespace braid
