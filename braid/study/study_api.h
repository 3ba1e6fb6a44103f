// What the program asks of libbraid.so about runs as a whole: questions above single verbs.
// Torch-free.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "braid/engine/api.h"

namespace braid {

struct ProbeRequest {
  std::filesystem::path run;
  std::string target;  // column of classes
  std::string split = "test";
};

struct ProbeSummary {
  std::vector<Metric> metrics;     // of both ways, from each field and from all of them
  std::vector<std::string> notes;  // fields left out, settings chosen
  std::vector<BadSample> bad;
};

struct CompareRequest {
  std::filesystem::path recipe;
  std::vector<std::string> overrides;  // of every variant
  std::vector<std::string> vary;       // "fusion.kind=mean,gated"
  int64_t seeds = 5;                   // the recipe's and those that follow it
  std::filesystem::path out;           // the study's folder
  std::string split = "test";          // that figures are of
  std::string group;                   // column whose equal values make rows belong together
  std::optional<double> budget_s;      // no cell begins after it
  int64_t jobs = 0;                    // cells at once; 0: as many as the machine holds
  std::filesystem::path program;       // that trains and evaluates cells
};

struct CompareSummary {
  std::filesystem::path folder;
  std::string best;                  // variant; "" while none is trained
  std::string text, json;            // the table, for terminals and programs
  std::vector<std::string> notes;    // what to mind
  std::vector<std::string> failed;   // cells, with their error and log
  std::vector<std::string> missing;  // cells that the budget left out
  int status = 0;                    // exit status of the first failed cell
};

class StudyApi {
 public:
  virtual ~StudyApi() = default;
  virtual ProbeSummary probe(const ProbeRequest& request, const Watch& watch) = 0;
  virtual CompareSummary compare(const CompareRequest& request, const Watch& watch) = 0;
};

}  // namespace braid

// After braid_engine_api.
extern "C" __attribute__((visibility("default"))) braid::StudyApi* braid_study_api();
