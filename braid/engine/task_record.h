// What a report shows of a task beside its metrics: kept in evaluations/<split>.json, made from the
// answers to a split. Values name their files, so that pictures and sounds can be fetched later.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "braid/engine/predictions_file.h"
#include "braid/metric/calibration.h"
#include "braid/metric/confusion.h"
#include "braid/metric/contribution.h"

namespace braid {

struct SampleValue {
  std::string field, modality;
  Value value;
};

// What a text about a sample rests on in a field's picture: mean_heat of explain.h.
struct SampleHeat {
  std::string field;
  int64_t rows = 0, columns = 0;
  std::vector<double> values;
};

struct AnsweredSample {
  std::string where;                   // "test.jsonl:17"
  std::string truth, answer;           // in words; of texts "yes (8) | no (2)"
  std::optional<double> confidence;    // probability of the answer
  std::vector<double> alpha, shapley;  // [M] or empty
  std::vector<SampleValue> values;     // of the fields that the row has
  std::optional<double> chrf = {};     // of a text
  std::vector<SampleHeat> heat = {};   // of texts
};

struct TaskRecord {
  std::string protocol, task, kind;
  std::vector<std::string> fields;
  std::optional<Confusion> confusion;       // of one class a row
  std::vector<ReliabilityBin> reliability;  // of classes and labels
  std::vector<AnsweredSample> mistakes;     // the most confident ones, or the largest errors, or
                                            // the texts farthest from their references
  std::vector<AnsweredSample> telling;      // of each field, rows where it weighs most
  std::vector<AnsweredSample> best = {};    // of texts: the nearest to a reference
};

TaskRecord make_task_record(const TaskPredictions& predictions);

// File names are written relative to `run`.
nlohmann::ordered_json task_record_json(const TaskRecord& record,
                                        const std::filesystem::path& run);
TaskRecord read_task_record(const nlohmann::ordered_json& json, const std::filesystem::path& run);
Contribution read_contribution(const nlohmann::ordered_json& json);

}  // namespace braid
