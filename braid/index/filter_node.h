// A filter taken apart.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "braid/index/filter.h"

namespace braid {

struct FilterValue {
  std::string text;
  std::optional<double> number;    // it was written as a bare number
  std::optional<int64_t> integer;  // a whole one
};

struct Filter::Node {
  enum class Kind {
    kAnd,
    kOr,
    kNot,  // of `parts`
    kEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kContains,  // some cell, `values`
    kUnequal,
    kMissing
  };

  Kind kind;
  std::string column;
  std::vector<FilterValue> values;  // kEqual: any of them
  std::vector<Node> parts;
};

struct ParsedFilter {
  Filter::Node root;
  std::vector<FilterColumn> columns;
};

ParsedFilter parse_filter(std::string_view text);

// The number that a whole text spells.
FilterValue filter_value(std::string_view text, bool quoted);

}  // namespace braid
