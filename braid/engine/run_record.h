// What a run remembers of its training and evaluations, so that its report can be made again at any
// time.
//
//   training.json             time, memory, parameters, command, unreadable samples
//   evaluations/<split>.json  metrics, geometry, best and worst retrievals; of tasks what fields
//                             add, confusion, reliability, mistakes
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "braid/engine/api.h"
#include "braid/engine/evaluation.h"
#include "braid/engine/task_record.h"
#include "braid/recipe/recipe.h"
#include "braid/run/run_directory.h"
#include "braid/task/retrieval.h"
#include "braid/train/trainer.h"

namespace braid {

struct TrainingRecord {
  int64_t steps = 0;
  double seconds = 0;        // of the whole run, earlier sittings included
  double samples_per_s = 0;  // of the last sitting, training steps only
  double wait_share = 0;     // of those steps' time, waiting for the loader
  StageSeconds stages;       // of the last sitting
  Loading loading;           // of the last sitting
  int64_t peak_memory_mb = 0;
  int64_t parameters = 0, frozen_parameters = 0;  // all, and frozen ones among them
  double flops_per_sample = 0;                    // forward
  int64_t threads = 0;
  std::string capability, cpu, device, precision;
  double best = 0;
  int64_t best_step = -1;
  std::string command;
  std::vector<std::string> bad;      // "where: message"
  std::vector<std::string> learned;  // of the training data, such as the kinds of columns
};

void write_training_record(const RunDirectory& run, const TrainingRecord& record);
std::optional<TrainingRecord> read_training_record(const RunDirectory& run);

// A retrieval shown in the report; hits name their files so that pictures can be fetched.
struct ExampleHit {
  Value value;
  std::string caption;
  double score = 0;
  bool truth = false;
};

struct Example {
  std::string query, language, protocol;
  int64_t rank = 0;
  std::vector<ExampleHit> hits;
};

struct EvaluationRecord {
  std::string split;
  std::vector<Metric> metrics;
  std::vector<Geometry> geometry;
  std::vector<Example> best, worst;
  std::vector<std::string> bad;
  std::vector<std::string> notes = {};  // of tasks
  std::vector<Contribution> contributions = {};
  std::vector<TaskRecord> tasks = {};
};

// `result` must hold outcomes; `data` is what they were asked of.
EvaluationRecord make_evaluation_record(const Recipe& recipe, const std::string& split,
                                        const EvaluationResult& result, const Dataset& data);
void write_evaluation_record(const RunDirectory& run, const EvaluationRecord& record);
std::vector<EvaluationRecord> read_evaluation_records(const RunDirectory& run);  // by split

// The recipe's `display` columns of a row, or its first text: one line for people.
std::string row_caption(const Recipe& recipe, const Dataset& data, int64_t row);

}  // namespace braid
