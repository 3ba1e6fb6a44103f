#include "braid/task/task_question.h"

#include "braid/core/error.h"
#include "braid/task/field_vectors.h"

namespace braid {

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
  return question;
}

}  // namespace braid
