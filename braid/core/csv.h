// Records of a CSV or TSV text after RFC 4180: quoted cells may hold separators, doubled quotes and
// line breaks; lines end in LF or CRLF. A quote inside an unquoted cell is taken as it stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

struct CsvRecord {
  std::vector<std::string> cells;
  uint64_t begin = 0, end = 0;  // bytes of the text, without the line end
  int64_t line = 0;             // where it begins, from 1
};

class CsvReader {
 public:
  // `name` is for messages; `line` is the number of the first line of `text`.
  CsvReader(std::string_view text, char separator, std::string name, int64_t max_record_bytes,
            int64_t line = 1);

  // The next record that is not a blank line; false at the end. Throws Error(kInput) with
  // file:line for a quote that never closes or text after a closing quote, Error(kLimit) for a
  // record over the limit.
  bool next(CsvRecord& record);

  uint64_t position() const { return at_; }  // where the next record is looked for
  int64_t line() const { return line_; }

 private:
  bool at_line_end() const;
  void skip_line_end();
  std::string quoted_cell(const CsvRecord& record);
  void check_size(const CsvRecord& record) const;

  std::string_view text_;
  char separator_;
  std::string name_;
  uint64_t max_bytes_;
  uint64_t at_ = 0;
  int64_t line_;
};

}  // namespace braid
