#include "braid/data/value_parts.h"

#include <memory>
#include <utility>

#include "braid/core/error.h"

namespace braid {

std::vector<Value> join_parts(std::vector<ValuePart> parts, size_t columns,
                              const std::string& where) {
  std::vector<Value> values;
  if (columns == 1) {
    for (auto& part : parts) values.push_back(std::move(part.value));
    return values;
  }
  if (parts.empty()) return values;
  Value joined;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && parts[i].column == parts[i - 1].column) {
      throw Error(ErrorCode::kInput, where + ": column '" + parts[i].column +
                                         "': expected one series, got more than one");
    }
    joined.text += (i > 0 ? " + " : "") + parts[i].column;
  }
  joined.parts = std::make_shared<std::vector<ValuePart>>(std::move(parts));
  values.push_back(std::move(joined));
  return values;
}

}  // namespace braid
