// A table's value: one JSON object of cells.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace braid {

// One cell: its column, nested ones dotted, and its text; nothing for null and "".
using NamedCell = std::pair<std::string, std::optional<std::string>>;

// Numbers and booleans become texts as JSON spells them. Throws Error(kInput) for what is not one
// JSON object in UTF-8, for a list in it and for a column that stands twice; Error(kLimit) for more
// than kMaxTableColumns cells and for deep nesting.
std::vector<NamedCell> parse_cells(std::span<const std::byte> bytes);

inline constexpr size_t kMaxTableColumns = 1024;

// The same the other way: a flat object, in this order.
std::string cells_json(std::span<const NamedCell> cells);

}  // namespace braid
