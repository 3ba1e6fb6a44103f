// A large JSON object whose lists hold the rows (COCO, Karpathy, VQA), read element by element.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "braid/data/cell.h"

namespace braid {

// Gets the objects of the top-level lists in the order of the file, with the list's key. False
// stops the reading.
using ElementVisitor = std::function<bool(const std::string& list, const Row& element)>;

// `rest` gets the object without what was visited: its lists are empty, unless they hold more than
// objects. Throws Error(kInput) starting with `where` for what is not one JSON object in UTF-8,
// Error(kLimit) for nesting over 64 levels, and what the visitor throws.
void visit_json_lists(std::string_view text, const std::string& where,
                      const ElementVisitor& visitor, Row* rest = nullptr);

// A key of an element: as text; numbers as JSON spells them; "" where it is absent or null. Throws
// Error(kInput) for a list or an object.
std::string element_text(const Row& element, const char* key, const std::string& where);

bool has_key(const Row& element, const char* key);

inline constexpr uint64_t kMaxJsonBytes = uint64_t{4} << 30;  // of such a file

}  // namespace braid
