#include "braid/task/task_question.h"

#include <map>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/task/field_vectors.h"

namespace braid {
namespace {

// Rows of one value are of one group; a row without a value is one by itself.
std::vector<int64_t> groups_of(const ProtocolConfig& protocol, const Dataset& data,
                               const std::vector<int64_t>& rows) {
  std::vector<int64_t> groups;
  std::map<std::string, int64_t> known;
  int64_t next = 0;
  for (const int64_t row : rows) {
    const auto value = join(data.column(row, protocol.group), "\n");
    const bool alone = value.empty();
    const int64_t own = alone ? next : known.try_emplace(value, next).first->second;
    groups.push_back(own);
    next += own == next;
  }
  if (known.empty()) {
    throw Error(ErrorCode::kConfig, "protocol " + protocol.name + ": group: no row of it has a " +
                                        "value in column '" + protocol.group + "'");
  }
  return groups;
}

// The first `words` of a text, or all of it.
std::string first_words(const std::string& text, int64_t words) {
  size_t end = 0;
  for (int64_t i = 0; i < words && end != text.npos; ++i)
    end = text.find(' ', text.find_first_not_of(' ', end));
  return words == 0 ? text : text.substr(0, end);
}

std::vector<std::string> kinds_of(const ProtocolConfig& protocol, const Dataset& data,
                                  const std::vector<int64_t>& rows) {
  std::vector<std::string> kinds;
  bool any = false;
  for (const int64_t row : rows) {
    kinds.push_back(first_words(join(data.column(row, protocol.by), " "), protocol.by_words));
    any |= !kinds.back().empty();
  }
  if (any) return kinds;
  throw Error(ErrorCode::kConfig, "protocol " + protocol.name + ": by: no row of it has a value in " +
                                      "column '" + protocol.by + "'");
}

}  // namespace

TaskQuestion resolve_task_question(const Recipe& recipe, const std::vector<TargetFacts>& facts,
                                   const Dataset& data, const ProtocolConfig& protocol) {
  TaskQuestion question{protocol, recipe.task_index(protocol.task), {}};
  auto rows = select_rows(data, protocol.queries, protocol, "queries");
  if (protocol.split == recipe.eval.validation)
    std::erase_if(rows, [&](int64_t row) { return is_withheld(recipe, data, row); });
  if (rows.empty()) {
    throw Error(ErrorCode::kConfig,
                "protocol " + protocol.name + ": withhold leaves no row to choose weights by");
  }
  question.targets = read_targets(recipe.tasks[question.task], facts.at(question.task), data, rows);
  if (!protocol.group.empty()) question.targets.group = groups_of(protocol, data, rows);
  if (!protocol.by.empty()) question.targets.kind = kinds_of(protocol, data, rows);
  return question;
}

}  // namespace braid
