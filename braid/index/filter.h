// Conditions on metadata, as `--where` takes them.
//
//   class = dog and year >= 2010
//   (label in (cat, dog) or caption contains "red ball") and not author is missing
//
//   filter  := and-or-not of tests, with parentheses; `not` binds tighter than `and` than `or`
//   test    := column (= | != | < | <= | > | >= | contains) value
//            | column in (value, value, ...) | column is [not] missing
//   column  := a word, dots reaching into nested objects, or `a name in back quotes`
//   value   := a word, a number, or a text in '...' or "..."
//
// A bare number is compared as a number, with numbers and with texts that spell one; any other
// value as text, byte by byte (so dates like 2010-05-01 have their order). A list passes where one
// of its elements does. A missing cell (absent, null, "", []) passes no test but `is missing`, not
// even `!=`, which wants a value and none that is equal. `contains` takes ASCII letters in either
// case as the same. `key`, `field` and `file` are the item's own where the metadata has no such
// column.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace braid {

// Where the words of a filter stand in it, counted in characters from 1.
struct FilterColumn {
  std::string name;
  int64_t position = 1;
};

class Filter {
 public:
  struct Node;

  // Throws Error(kUsage) with the position and what was expected there.
  explicit Filter(std::string_view text);
  ~Filter();
  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;

  bool matches(const nlohmann::json& row) const;
  const std::vector<FilterColumn>& columns() const { return columns_; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::unique_ptr<Node> root_;
  std::vector<FilterColumn> columns_;
};

// The cell of a row that `column` names: the key as it stands, else a dotted path; nullptr when
// there is none.
const nlohmann::json* filter_cell(const nlohmann::json& row, std::string_view column);

// All names that filter_cell() knows in a row, nested ones as dotted paths.
std::vector<std::string> filter_columns(const nlohmann::json& row);

}  // namespace braid
