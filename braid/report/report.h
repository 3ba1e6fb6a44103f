// report.html: one self-contained page about a run: curves, tables, pictures, costs, commands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "braid/metric/calibration.h"
#include "braid/metric/confusion.h"
#include "braid/metric/contribution.h"
#include "braid/metric/metric.h"
#include "braid/modality/picture/thumbnail.h"
#include "braid/report/input_view.h"

namespace braid {

struct Curve {
  std::string title;  // "loss"
  std::string x_name, y_name;
  struct Line {
    std::string name;
    std::vector<double> x, y;
  };
  std::vector<Line> lines;
};

// One query and what came back.
struct RetrievalExample {
  std::string query;        // text, or ""
  Thumbnail query_picture;  // or empty bytes
  std::string language;
  std::string protocol;
  int64_t rank = 0;  // of the true item, 1 = best
  struct Hit {
    Thumbnail picture;
    std::string caption;
    double score = 0;
    bool truth = false;
  };
  std::vector<Hit> hits;
};

// One answered row with what was seen of it.
struct SampleView {
  std::string where, truth, answer;
  std::optional<double> confidence;    // probability of the answer
  std::vector<double> alpha, shapley;  // of the task's fields, or empty
  std::vector<InputView> inputs;       // of the fields that the row has
  std::optional<double> chrf = {};     // of a text; `truth` are its references then
};

// A task, asked of a split. What does not apply to it is empty.
struct TaskReport {
  std::string protocol, split, task, kind;
  std::vector<std::string> fields;
  std::vector<Metric> metrics;  // from every set of fields
  std::optional<Contribution> contribution;
  std::optional<Confusion> confusion;
  std::vector<ReliabilityBin> reliability;
  std::vector<SampleView> telling, mistakes;
  std::vector<SampleView> best = {};  // of texts
};

struct Report {
  std::string title;
  std::vector<std::pair<std::string, std::string>>
      facts;  // recipe, seed, data hash, version, licence...
  std::vector<Curve> curves;
  std::vector<std::string> warnings;  // what must not be overlooked
  std::vector<Metric> metrics;
  std::vector<TaskReport> tasks;
  std::vector<RetrievalExample> best, worst;
  std::vector<std::pair<std::string, std::string>>
      audit;                          // rows, missing, unreadable, duplicates...
  std::vector<std::string> problems;  // unreadable samples, by name
  std::vector<std::pair<std::string, std::string>> cost;  // time, memory, parameters, FLOPs
  std::vector<std::string> commands;                      // to reproduce
};

void write_report(const Report& report, const std::filesystem::path& path);  // atomically

// hits.html of `braid search --html`: the query and its hits as pictures.
void write_hits_page(const RetrievalExample& example, const std::filesystem::path& path);

}  // namespace braid
