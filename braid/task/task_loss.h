// The losses of a recipe's tasks: fields become one vector a sample, heads answer or decoders
// write, targets judge.
#pragma once

#include <memory>
#include <vector>

#include <torch/types.h>

#include "braid/data/batch.h"
#include "braid/recipe/recipe.h"
#include "braid/task/model.h"
#include "braid/task/self_critical.h"
#include "braid/task/slot_vectors.h"
#include "braid/task/target_table.h"
#include "braid/task/term_value.h"

namespace braid {

class TaskLoss {
 public:
  // `targets`: one table a task, of the rows that are trained on.
  TaskLoss(const Recipe& recipe, std::vector<TargetTable> targets);

  // The terms in the recipe's order; adds what they weigh to `total`. A sample without a target, or
  // without any field, has no part in a task.
  std::vector<TermValue> evaluate(Model& model, const Batch& batch,
                                  const std::vector<EmbeddedField>& fields,
                                  at::Tensor* total) const;

 private:
  struct Task {
    std::string name;
    double weight;
    TargetTable targets;
    bool matching = false;  // pairs of fields a and b instead of targets
    bool hard = false;
    size_t a = 0, b = 0;
    int64_t draw = 0;  // of tasks that write: texts of a language and row
    std::unique_ptr<SelfCritical> critic = nullptr;
    int64_t critic_from = 0;  // epoch
  };
  // What a head says of vectors whose truth is `targets` [n, K].
  TermValue judge(Model& model, size_t task, const at::Tensor& vectors, at::Tensor targets,
                  at::Tensor* total) const;
  TermValue with_targets(Model& model, size_t task, const Batch& batch,
                         const std::vector<int64_t>& rows, const Fused& fused,
                         at::Tensor* total) const;
  TermValue with_texts(Model& model, size_t task, const Batch& batch,
                       const std::vector<int64_t>& rows, const Joined& joined,
                       at::Tensor* total) const;
  TermValue with_drawn_texts(Model& model, size_t task, const Batch& batch,
                             const std::vector<int64_t>& rows, const Joined& joined,
                             at::Tensor* total) const;
  TermValue with_pairs(Model& model, size_t task, const Batch& batch,
                       const std::vector<EmbeddedField>& fields, at::Tensor* total) const;
  TermValue nothing(size_t task) const;  // to judge

  std::vector<Task> tasks_;
  uint64_t seed_;
};

}  // namespace braid
