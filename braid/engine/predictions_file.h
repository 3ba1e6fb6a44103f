// What a model answered to the rows of a split, kept beside its metrics:
// predictions-<split>.safetensors.
//
//   <protocol>/<task>/answers   [S, N, C] F64  probabilities, or numbers, from each set of fields
//   <protocol>/<task>/targets   [N, K] F64     as head.h says; NaN = missing, -1 = unseen class
//   <protocol>/<task>/present   [N, M] U8      fields of the row that could be read
//   <protocol>/<task>/unseen    [N] U8         1: a label that no training row has; where some do
//   <protocol>/<task>/alpha     [S, N, M] F32  weights of fields, where the fusion has them
//   <protocol>/<task>/shapley   [N, M] F64     of the answer's worth (task_contribution.h), of two
//                                              to five fields; NaN = the row does not count
// Of a task that writes no answers and targets: beside it stands
// predictions-<split>.<protocol>.<task>[.<language>].jsonl, a line each row with a reference: key,
// where, answer, references, and others: what the other sets of fields wrote. `braid score` reads
// it.
//
// and as metadata "<protocol>/<task>", a JSON object: kind, fields [M], sets [S] ("image+text"),
// classes [C] or columns [K], keys [N] of the rows.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "braid/run/run_directory.h"
#include "braid/task/joint_answers.h"
#include "braid/task/target_table.h"

namespace braid {

struct TaskPredictions {
  std::string protocol;
  TaskConfig task;
  TargetFacts facts;
  TargetTable targets;
  std::vector<std::string> keys;  // [N] of the rows
  std::shared_ptr<const JointAnswers> answers;
  size_t number = 0;            // of the task among the answers
  std::vector<double> shapley;  // [N, M] or empty
  std::shared_ptr<const Dataset> data;
};

std::filesystem::path predictions_path(const RunDirectory& run, const std::string& split);
// Writes the texts, too, beside `path`.
void write_predictions(const std::filesystem::path& path,
                       const std::vector<TaskPredictions>& predictions);

}  // namespace braid
