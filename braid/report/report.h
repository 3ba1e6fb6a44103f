// report.html: one self-contained page about a run: curves, tables, pictures, costs, commands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "braid/metric/metric.h"
#include "braid/modality/picture/thumbnail.h"

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

struct Report {
  std::string title;
  std::vector<std::pair<std::string, std::string>>
      facts;  // recipe, seed, data hash, version, licence...
  std::vector<Curve> curves;
  std::vector<Metric> metrics;
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
