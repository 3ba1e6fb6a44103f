// What the program asks of libbraid.so about runs as a whole: questions above single verbs.
// Torch-free.
#pragma once

#include <filesystem>
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

class StudyApi {
 public:
  virtual ~StudyApi() = default;
  virtual ProbeSummary probe(const ProbeRequest& request, const Watch& watch) = 0;
};

}  // namespace braid

// After braid_engine_api.
extern "C" __attribute__((visibility("default"))) braid::StudyApi* braid_study_api();
