#include "braid/study/study_api.h"

#include "braid/study/compare.h"
#include "braid/study/probe.h"

namespace braid {
namespace {

class StudyLibrary final : public StudyApi {
 public:
  ProbeSummary probe(const ProbeRequest& request, const Watch& watch) override {
    return probe_run(request, watch);
  }
  CompareSummary compare(const CompareRequest& request, const Watch& watch) override {
    return compare_variants(request, watch);
  }
};

}  // namespace
}  // namespace braid

braid::StudyApi* braid_study_api() {
  static braid::StudyLibrary library;
  return &library;
}
