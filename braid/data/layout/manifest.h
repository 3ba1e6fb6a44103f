// A manifest file: where each row lies, and rows read from the file on demand.
//
// JSONL: one object a line. CSV and TSV: RFC 4180, the first row names the columns; a .csv whose
// header has tabs and no comma is read as TSV (open_clip writes such files). A byte order mark,
// CRLF and blank lines are no matter. Memory: 8 bytes a row, however large the file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/data/layout/paged_text.h"
#include "braid/data/layout/table.h"

namespace braid {

class Manifest final : public Table {
 public:
  // Throws Error(kNotFound, kIo), Error(kLimit) for a row over `max_row_bytes`, Error(kInput) with
  // path:line for what cannot be told into rows.
  explicit Manifest(const TableInput& input);

  int64_t size() const override { return static_cast<int64_t>(begins_.size()); }
  Row row(int64_t i) const override;
  std::string mark(int64_t i) const override { return ":" + std::to_string(line_of(i)); }
  std::string content_hash() const override { return text_.content_hash(); }

 private:
  void find_lines(uint64_t begin);
  void find_records(uint64_t begin);
  void take_header(const std::vector<std::string>& names);
  void add_row(uint64_t begin, int64_t line);
  int64_t line_of(int64_t i) const;
  Row csv_row(const std::string& text, int64_t i) const;
  std::string at_line(int64_t line) const;

  PagedText text_;
  uint64_t max_row_bytes_;
  char separator_ = 0;  // 0 = JSONL
  std::vector<std::string> header_;
  std::vector<uint64_t> begins_;  // of each row
  std::vector<int64_t> lines_;    // of every kLineStride-th row
};

}  // namespace braid
