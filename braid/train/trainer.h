// The training loop: batches in, steps out, checkpoints and logs on the way.
//
// Same recipe, seed, thread count and instruction set -> same bytes of weights, resumed or not: all
// chance comes from (seed, epoch, sample) in the loader and (seed, step) in the model.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/loader.h"
#include "braid/recipe/recipe.h"
#include "braid/run/run_directory.h"
#include "braid/task/joint_loss.h"
#include "braid/train/hard_negatives.h"

namespace braid {

// What one evaluation on the validation split says.
struct Validation {
  double score = 0;                                    // larger is better
  std::vector<std::pair<std::string, double>> values;  // for the logs
};

struct TrainParts {
  const Recipe* recipe;
  const Dataset* data;
  Model* model;
  JointLoss* loss;
  Loader* loader;
  RunDirectory* run;
  std::function<Validation()> validate;  // empty = no validation split
  std::function<void()> fill_supports;   // with the weights as they stand, to be used; may be empty
  HardNegatives* negatives = nullptr;    // the loader's `arrange` is theirs; nullptr = off
};

struct TrainOptions {
  ProgressSink sink;
  const StopFlag* stop = nullptr;
  bool inexact = false;  // resume although threads or instruction set changed
};

// Where the time of training went, in seconds of wall time.
struct StageSeconds {
  double wait = 0;      // for the loader
  double forward = 0;   // encoders
  double loss = 0;      // alignment terms
  double backward = 0;  // of both
  double optimizer = 0;
  double validation = 0;
  double checkpoint = 0;
};

// visit(name, seconds) in the order of a step.
template <class Stages, class Visit>
void each_stage(Stages& s, Visit&& visit) {
  visit("wait", s.wait);
  visit("forward", s.forward);
  visit("loss", s.loss);
  visit("backward", s.backward);
  visit("optimizer", s.optimizer);
  visit("validation", s.validation);
  visit("checkpoint", s.checkpoint);
}

struct TrainResult {
  TrainPosition position;
  int64_t samples = 0;      // seen by this process
  double seconds = 0;       // spent by this process, evaluations and checkpoints included
  double step_seconds = 0;  // in steps alone
  StageSeconds stages;
};

// Trains from the newest checkpoint, or from the start, to the end of the recipe's budget; then
// writes model.safetensors. Throws Error(kInterrupted) after saving when `stop` is set;
// Error(kInput) for a loss or gradient that is not finite, naming step, term and samples;
// Error(kState) for a resume that could not give the same bytes.
TrainResult train(const TrainParts& parts, const TrainOptions& options);

}  // namespace braid
