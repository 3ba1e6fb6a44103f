// One row of a manifest as JSON, and what stands in its cells.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace braid {

using Row = nlohmann::ordered_json;  // columns keep the manifest's order

// Throws Error(kInput) starting with `where` unless the text is one JSON object in UTF-8, without
// NUL bytes and duplicate keys; Error(kLimit) for deep nesting and for very many keys.
Row parse_row(std::string_view text, const std::string& where);

// The cell named by `column`: a key as it stands, else a dotted path; nullptr when there is none.
const Row* find_cell(const Row& row, std::string_view column);

// A cell as texts: none for null, "" and []; numbers and booleans as JSON spells them; nested
// objects and lists as JSON text.
std::vector<std::string> cell_texts(const Row& cell);

// The same where a cell may be one value as JSON: an object, or a list that does not begin with
// text (those name files), is one text.
std::vector<std::string> value_texts(const Row& cell);

// May the cell be read as values: text, a number, a boolean, null, or a flat list of those?
bool is_plain_cell(const Row& cell);

// Names of all cells, nested objects as dotted paths.
std::vector<std::string> cell_names(const Row& row);

}  // namespace braid
