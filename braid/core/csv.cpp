#include "braid/core/csv.h"

#include "braid/core/error.h"

namespace braid {

CsvReader::CsvReader(std::string_view text, char separator, std::string name,
                     int64_t max_record_bytes, int64_t line)
    : text_(text),
      separator_(separator),
      name_(std::move(name)),
      max_bytes_(static_cast<uint64_t>(max_record_bytes)),
      line_(line) {}

bool CsvReader::at_line_end() const { return text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n"; }

void CsvReader::skip_line_end() {
  if (at_ == text_.size()) return;
  at_ += text_[at_] == '\r' ? 2 : 1;
  ++line_;
}

void CsvReader::check_size(const CsvRecord& record) const {
  if (at_ - record.begin <= max_bytes_) return;
  throw Error(ErrorCode::kLimit, name_ + ":" + std::to_string(record.line) +
                                     ": row is longer than the limit of " +
                                     std::to_string(max_bytes_) +
                                     " bytes (data.max_row_bytes in a manifest); is a quote left open?");
}

// Stands on the opening quote; leaves behind the closing one.
std::string CsvReader::quoted_cell(const CsvRecord& record) {
  const int64_t opened = line_;
  std::string cell;
  for (++at_; at_ < text_.size(); ++at_) {
    check_size(record);
    if (text_[at_] == '"') {
      if (text_.substr(at_ + 1, 1) != "\"") {
        ++at_;
        if (at_ < text_.size() && text_[at_] != separator_ && !at_line_end()) {
          throw Error(ErrorCode::kInput, name_ + ":" + std::to_string(line_) +
                                             ": text after a closing quote (a quote inside a "
                                             "quoted cell is written twice)");
        }
        return cell;
      }
      ++at_;
    }
    if (text_[at_] == '\n') ++line_;
    cell += text_[at_];
  }
  throw Error(ErrorCode::kInput,
              name_ + ":" + std::to_string(opened) + ": a quote opens here and never closes");
}

bool CsvReader::next(CsvRecord& record) {
  while (at_ < text_.size() && at_line_end()) skip_line_end();
  if (at_ == text_.size()) return false;
  record.cells.clear();
  record.begin = at_;
  record.line = line_;
  while (true) {
    if (at_ < text_.size() && text_[at_] == '"') {
      record.cells.push_back(quoted_cell(record));
    } else {
      const uint64_t begin = at_;
      while (at_ < text_.size() && text_[at_] != separator_ && !at_line_end()) ++at_;
      record.cells.emplace_back(text_.substr(begin, at_ - begin));
    }
    check_size(record);
    if (at_ == text_.size() || text_[at_] != separator_) break;
    ++at_;
  }
  record.end = at_;
  skip_line_end();
  return true;
}

}  // namespace braid
