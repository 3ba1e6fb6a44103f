// The training loss: a weighted sum of alignment terms over whatever fields a sample carries.
//   total = sum over terms w * mean over source pairs of loss(vectors of samples that have both
//   sides)
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <torch/types.h>

#include "braid/alignment/alignment.h"
#include "braid/data/batch.h"
#include "braid/task/model.h"

namespace braid {

// One term as it came out, for logs.
struct TermValue {
  std::string name;  // "image~text", "views:image"
  double weight = 0;
  double loss = 0;  // nats, unweighted; NaN where no sample of the batch had both sides
  double accuracy = 0;
  std::vector<std::pair<std::string, double>> readings;  // of the loss: temperature, bias
};

struct JointLossValue {
  at::Tensor total;  // 0-d; undefined when no term found two samples with both sides
  std::vector<TermValue> terms;
};

class JointLoss : public Module {
 public:
  explicit JointLoss(const Recipe& recipe);

  JointLossValue forward(Model& model, const Batch& batch);
  void bound();  // after an optimizer step

  // What the loader must give for these terms, per field.
  const std::vector<bool>& two_views() const { return two_views_; }

 private:
  struct Term {
    std::string name;
    size_t a, b;  // fields; equal for views and for the sources of one field
    bool views;
    double weight;
    std::shared_ptr<Alignment> loss;
  };
  std::vector<Term> terms_;
  std::vector<bool> two_views_;
};

}  // namespace braid
