// What each field adds to the answers of a task, from answers to every set of fields.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/metric/contribution.h"
#include "braid/task/task_metrics.h"

namespace braid {

// What an answer to a row is worth, larger is better. Rows must have a target.
//   classification  accuracy: 1 where the true class is the answer; probability of the true class
//   multi-label     accuracy: share of known labels answered right; mean probability of what is
//                   true of each
//   regression      -squared_error in variances of the training rows, mean over known targets
std::vector<std::string> worth_names(const TaskConfig& task);
std::vector<double> worth_of(const Judged& judged, int64_t n, std::span<const double> answer);

struct TaskContribution {
  Contribution summary;
  // [N, M] Shapley values of the last worth, of all rows asked; NaN where a row does not count.
  std::vector<double> shapley;  // empty of more than five fields
};

// Nothing for one field, for matching (pairs need both of theirs), and for answers that are not
// those of field_sets. Without fields a row is worth what the blind answer is.
std::optional<TaskContribution> task_contribution(const Judged& judged, const Metric& about);

}  // namespace braid
