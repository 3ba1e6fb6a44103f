// One metric of one task as a function of how often each row counts: what variants are compared by.
// Torch-free.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/head/target_facts.h"
#include "braid/study/kept_answers.h"

namespace braid {

struct QuestionScore {
  std::string question;
  std::vector<std::string> ids;   // [n] what is answered, each once: a row, of matching a pair
  std::vector<std::string> keys;  // [n] of their rows
  // Of a metric that is a mean of a value a row: those. Else empty.
  std::vector<double> row_values;
  // NaN where the metric does not exist.
  std::function<double(std::span<const int32_t> times)> value;
  int64_t cost = 0;  // numbers that one call looks at
};

// Nothing where the task has no metric of that name. `facts`: of the task.
std::optional<QuestionScore> score_answers(const KeptAnswers& answers, const TargetFacts& facts,
                                           const std::string& metric);

// The same of blind answers to the same rows: "prior", "mean" or "median" (docs/tasks.md).
std::optional<QuestionScore> score_blind(const KeptAnswers& answers, const TargetFacts& facts,
                                         const std::string& metric, const std::string& blind);

}  // namespace braid
