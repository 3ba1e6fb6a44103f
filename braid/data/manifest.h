// One manifest file: its text in memory, where each row lies, and rows parsed on demand.
//
// JSONL: one object a line. CSV and TSV: RFC 4180, the first row names the columns; a .csv whose
// header has tabs and no comma is read as TSV (open_clip writes such files). A byte order mark,
// CRLF and blank lines are no matter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/data/cell.h"

namespace braid {

class Manifest {
 public:
  // `name` stands for the file in where(). Throws Error(kNotFound, kIo), Error(kLimit) for a row
  // over `max_row_bytes`, Error(kInput) with path:line for what cannot be told into rows.
  Manifest(std::filesystem::path path, std::string name, int64_t max_row_bytes);

  int64_t size() const { return static_cast<int64_t>(spans_.size()); }
  const std::filesystem::path& path() const { return path_; }
  const std::string& name() const { return name_; }
  std::string where(int64_t row) const;  // "train.jsonl:17"
  std::string content_hash() const;

  // Throws Error(kInput) with path:line for a row that is not what parse_row expects or has not as
  // many cells as the header. Many threads.
  Row row(int64_t row) const;

 private:
  struct Span {
    uint64_t begin, end;
    int64_t line;
  };

  void find_lines(size_t begin, int64_t max_row_bytes);
  void find_records(size_t begin, int64_t max_row_bytes);
  Row csv_row(const Span& span) const;

  std::filesystem::path path_;
  std::string name_;
  std::string text_;
  char separator_ = 0;  // 0 = JSONL
  std::vector<std::string> header_;
  std::vector<Span> spans_;
};

}  // namespace braid
