// The training loss: a weighted sum of alignment terms over whatever fields a sample carries, and
// of the tasks' losses.
//   total = sum over terms w * mean over source pairs of loss(vectors of samples that have both
//   sides) + sum over tasks w * loss(answers to samples that have a target)
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "braid/alignment/alignment.h"
#include "braid/data/batch.h"
#include "braid/task/model.h"
#include "braid/task/slot_vectors.h"
#include "braid/task/target_table.h"
#include "braid/task/task_loss.h"
#include "braid/task/term_value.h"

namespace braid {

struct JointLossValue {
  at::Tensor total;  // 0-d; undefined when no term found two samples with both sides
  std::vector<TermValue> terms;
  double loss_seconds = 0;  // of the terms, once the vectors were there
};

class JointLoss : public Module {
 public:
  // `modalities` as for the model; losses with momentum get a second one. Throws Error(kConfig) for
  // a term that stands twice and for losses with different momentum. `targets`: one table a task.
  JointLoss(const Recipe& recipe, const std::vector<const Modality*>& modalities,
            std::vector<TargetTable> targets = {});

  void begin(const Model& model);  // before the first step: momentum encoders start as the model
  // Queues take in what it compares. With train.chunk the towers take so many values at once, in
  // the backward pass again: the batch may be far larger than what activations of it have room for.
  JointLossValue forward(Model& model, const Batch& batch);
  void stepped(const Model& model);  // after an optimizer step: bounds, momentum encoders

  // What the loader must give for these terms, per field.
  const std::vector<bool>& two_views() const { return two_views_; }
  // Fields that are compared; of a recipe with tasks each field, too, with itself: one is enough.
  std::vector<std::pair<size_t, size_t>> pairs() const;
  // Fields all of whose sources some term compares; of the others a task sees one. Empty: no tasks.
  std::vector<bool> every_source() const;

 private:
  struct Term {
    std::string name;
    size_t a, b;  // fields; equal for views and for the sources of one field
    bool views;
    double weight;
    std::shared_ptr<Alignment> loss;
  };
  TermValue evaluate(Term& term, const std::vector<SlotVectors>& a,
                     const std::vector<SlotVectors>& b, const std::vector<int64_t>& samples,
                     at::Tensor* total);

  std::vector<Term> terms_;
  std::optional<TaskLoss> tasks_;
  std::shared_ptr<Model> follower_;  // the momentum encoders; none where no loss asks for them
  double momentum_ = 0;
  int64_t chunk_;  // 0 = off
  std::vector<bool> two_views_;  // a field each
};

}  // namespace braid
