// The protocols of a recipe, asked of a model.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "braid/engine/loaded_run.h"
#include "braid/task/retrieval.h"

namespace braid {

// The split against itself: every two fields with each other, the text field asking where one is.
std::vector<ProtocolConfig> every_pair(const Recipe& recipe, const std::string& name,
                                       const std::string& split);

// Protocols that `split` asks for: the recipe's of that split, or, where it lists none at all,
// every_pair. Throws Error(kUsage) naming the splits there are.
std::vector<ProtocolConfig> protocols_of(const Recipe& recipe, const std::string& split);

// The recipe's sources with the protocol's own columns for its asking field.
std::vector<FieldSource> protocol_sources(const Recipe& recipe, const ProtocolConfig& protocol);

// Protocols with their data open, to be asked as often as training likes.
class Evaluator {
 public:
  // `manifest` replaces the recipe's data where given.
  Evaluator(const Recipe& recipe, const std::vector<ProtocolConfig>& protocols,
            const std::filesystem::path& manifest = {});
  RetrievalResult run(Model& model, const std::vector<const Modality*>& modalities,
                      const RetrievalOptions& options) const;
  size_t size() const { return open_.size(); }  // protocols
  const Dataset& data(size_t protocol) const { return *open_.at(protocol).data; }
  const Question& question(size_t protocol) const { return open_.at(protocol).question; }

 private:
  struct Open {
    std::shared_ptr<Dataset> data;
    Question question;
  };
  std::vector<Open> open_;
};

// Mean of metric `name` over directions and languages; median_rank counts down. Throws
// Error(kConfig) for a name that no metric has.
double validation_score(const std::vector<Metric>& metrics, const std::string& name);

}  // namespace braid
