#include "braid/index/filter.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include <nlohmann/json.hpp>

#include "braid/index/filter_node.h"

namespace braid {
namespace {

using Json = nlohmann::json;
using Node = Filter::Node;

bool is_missing(const Json& cell) {
  return cell.is_null() || (cell.is_string() && cell.get_ref<const std::string&>().empty()) ||
         (cell.is_array() && cell.empty());
}

std::string cell_text(const Json& cell) {
  if (cell.is_string()) return cell.get<std::string>();
  return cell.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// -1, 0, 1, or 2 where the two cannot be compared.
template <class T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : a == b ? 0 : 2;
}

bool fits_int64(const Json& cell) {
  return cell.is_number_integer() &&
         (!cell.is_number_unsigned() ||
          cell.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
}

int compare(const Json& cell, const FilterValue& value) {
  if (!value.number) return order(cell_text(cell), value.text);
  if (fits_int64(cell) && value.integer) return order(cell.get<int64_t>(), *value.integer);
  if (cell.is_number()) return order(cell.get<double>(), *value.number);
  if (!cell.is_string()) return 2;
  const auto spelled = filter_value(cell.get_ref<const std::string&>(), false);
  if (spelled.integer && value.integer) return order(*spelled.integer, *value.integer);
  return spelled.number ? order(*spelled.number, *value.number) : 2;
}

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool contains(const std::string& text, const std::string& part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

bool passes(const Json& cell, const Node& node) {
  using Kind = Node::Kind;
  if (node.kind == Kind::kContains) return contains(cell_text(cell), node.values[0].text);
  return std::any_of(node.values.begin(), node.values.end(), [&](const FilterValue& value) {
    const int way = compare(cell, value);
    switch (node.kind) {
      case Kind::kLess:
        return way == -1;
      case Kind::kLessOrEqual:
        return way == -1 || way == 0;
      case Kind::kGreater:
        return way == 1;
      case Kind::kGreaterOrEqual:
        return way == 1 || way == 0;
      default:
        return way == 0;
    }
  });
}

bool test_cell(const Json* cell, const Node& node) {
  const bool missing = !cell || is_missing(*cell);
  if (node.kind == Node::Kind::kMissing) return missing;
  if (missing) return false;
  const bool some =
      cell->is_array()
          ? std::any_of(cell->begin(), cell->end(),
                        [&](const Json& one) { return !is_missing(one) && passes(one, node); })
          : passes(*cell, node);
  return node.kind == Node::Kind::kUnequal ? !some : some;
}

bool test_row(const Json& row, const Node& node) {
  const auto holds = [&](const Node& part) { return test_row(row, part); };
  switch (node.kind) {
    case Node::Kind::kAnd:
      return std::all_of(node.parts.begin(), node.parts.end(), holds);
    case Node::Kind::kOr:
      return std::any_of(node.parts.begin(), node.parts.end(), holds);
    case Node::Kind::kNot:
      return !holds(node.parts[0]);
    default:
      return test_cell(filter_cell(row, node.column), node);
  }
}

void collect_columns(const Json& row, const std::string& prefix, std::vector<std::string>& out) {
  for (const auto& [name, cell] : row.items()) {
    if (cell.is_object()) {
      collect_columns(cell, prefix + name + ".", out);
    } else {
      out.push_back(prefix + name);
    }
  }
}

}  // namespace

Filter::Filter(std::string_view text) : text_(text) {
  auto parsed = parse_filter(text);
  root_ = std::make_unique<Node>(std::move(parsed.root));
  columns_ = std::move(parsed.columns);
}
Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

bool Filter::matches(const Json& row) const { return test_row(row, *root_); }

const Json* filter_cell(const Json& row, std::string_view column) {
  if (!row.is_object()) return nullptr;
  if (const auto found = row.find(std::string(column)); found != row.end()) return &*found;
  for (size_t dot = column.find('.'); dot != std::string_view::npos;
       dot = column.find('.', dot + 1)) {
    const auto found = row.find(std::string(column.substr(0, dot)));
    if (found == row.end()) continue;
    if (const Json* cell = filter_cell(*found, column.substr(dot + 1))) return cell;
  }
  return nullptr;
}

std::vector<std::string> filter_columns(const Json& row) {
  std::vector<std::string> names;
  if (row.is_object()) collect_columns(row, "", names);
  return names;
}

}  // namespace braid
