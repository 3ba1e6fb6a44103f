// How good the answers to a task are: from all fields, from every other set of them, and without
// looking at any (blind).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "braid/metric/metric.h"
#include "braid/metric/predictions.h"
#include "braid/recipe/recipe.h"
#include "braid/task/joint_answers.h"
#include "braid/task/target_table.h"

namespace braid {

// One task, what is true, and what was answered.
struct Judged {
  const TaskConfig* task;
  const TargetFacts* facts;
  const TargetTable* targets;
  const JointAnswers* answers;
  size_t number;  // of the task among the answers
  std::string metric = {};  // eval.metric: measured of texts even where it says little
};

// Metrics of the first set of fields with intervals; then the main ones of the other sets, and of
// blind answers: the shares of the training rows ("prior"), the mean and the median of their
// numbers. Metric::query_field says which ("image+text", "prior"), gallery_field is the task's
// name. Rows count that have a target and a field of the set. Throws Error(kInput) where none do.
std::vector<Metric> task_metrics(const Judged& judged, const Metric& about);

// What is answered without looking: the shares of the training rows, or their mean numbers.
std::vector<double> blind_answer(const TaskConfig& task, const TargetFacts& facts);

// Rows by their kind (TargetTable::kind), those without one left out.
std::map<std::string, std::vector<int64_t>> rows_by_kind(const TargetTable& targets,
                                                         const std::vector<int64_t>& rows);

// The first set's alone, without intervals: what validation during training needs.
std::vector<Metric> brief_task_metrics(const Judged& judged, const Metric& about);

// What all fields answered to the rows that count, for confusion and calibration; nothing for other
// kinds of tasks. Of matching each pair and a false one.
std::optional<ClassPredictions> class_predictions(const Judged& judged);
std::optional<LabelPredictions> label_predictions(const Judged& judged);

// What was left out, and which classes no training row has; lines for people.
std::vector<std::string> task_notes(const Judged& judged, const Metric& about);

}  // namespace braid
