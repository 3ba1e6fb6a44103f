#include "braid/engine/api.h"

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/engine/ask_verb.h"
#include "braid/engine/bench_verb.h"
#include "braid/engine/doctor.h"
#include "braid/engine/eval_verb.h"
#include "braid/engine/explain_verb.h"
#include "braid/engine/index_verb.h"
#include "braid/engine/predict_verb.h"
#include "braid/engine/search_verb.h"
#include "braid/engine/start.h"
#include "braid/engine/sync_verb.h"
#include "braid/engine/tensor_memory.h"
#include "braid/engine/train_verb.h"
#include "braid/version.h"

namespace braid {
namespace {

class EngineLibrary final : public EngineApi {
 public:
  TrainSummary train(const TrainRequest& request, const Watch& watch) override {
    return train_run(request, watch);
  }
  EvalSummary eval(const EvalRequest& request, const Watch& watch) override {
    return eval_run(request, watch);
  }
  PredictSummary predict(const PredictRequest& request, const Watch& watch) override {
    return predict_rows(request, watch);
  }
  AskSummary ask(const AskRequest& request, const Watch& watch) override {
    return ask_run(request, watch);
  }
  ExplainSummary explain(const ExplainRunRequest& request, const Watch& watch) override {
    return explain_run(request, watch);
  }
  EmbedSummary embed(const EmbedRequest& request, const Watch& watch) override {
    return embed_values_of_run(request, watch);
  }
  IndexSummary index(const IndexRequest& request, const Watch& watch) override {
    return index_manifest(request, watch);
  }
  SyncSummary sync(const SyncRequest& request, const Watch& watch) override {
    return sync_folder(request, watch);
  }
  std::vector<SearchHit> search(const SearchRequest& request, const Watch& watch) override {
    return search_index(request, watch);
  }
  BenchSummary bench(const BenchRequest& request, const Watch& watch) override {
    return bench_run(request, watch);
  }
  Diagnosis doctor() override { return diagnose(); }
};

}  // namespace
}  // namespace braid

braid::EngineApi* braid_engine_api(const char* version) {
  if (std::string_view(version) != BRAID_VERSION) {
    throw braid::Error(
        braid::ErrorCode::kState,
        std::string("libbraid.so is version " BRAID_VERSION ", the program is ") + version);
  }
  braid::pool_tensor_memory();
  braid::start_tensors();
  static braid::EngineLibrary library;
  return &library;
}
