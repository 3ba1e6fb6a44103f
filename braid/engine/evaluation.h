// The protocols of a recipe, asked of a model.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "braid/engine/loaded_run.h"
#include "braid/engine/predictions_file.h"
#include "braid/metric/contribution.h"
#include "braid/task/retrieval.h"
#include "braid/task/task_question.h"

namespace braid {

// The split against itself: every two fields with each other, the text field asking where one is.
std::vector<ProtocolConfig> every_pair(const Recipe& recipe, const std::string& name,
                                       const std::string& split);

// What is asked where the recipe lists no protocols: every_pair, unless tasks are all that it
// trains, and every task.
std::vector<ProtocolConfig> every_question(const Recipe& recipe, const std::string& name,
                                           const std::string& split);

// Protocols that `split` asks for: the recipe's of that split, or, where it lists none at all,
// every_question. Throws Error(kUsage) naming the splits there are.
std::vector<ProtocolConfig> protocols_of(const Recipe& recipe, const std::string& split);

// The recipe's sources with the protocol's own columns for its asking field.
std::vector<FieldSource> protocol_sources(const Recipe& recipe, const ProtocolConfig& protocol);

struct EvaluationResult : RetrievalResult {
  std::vector<TaskPredictions> predictions;
  std::vector<Contribution> contributions;  // of the fields, a task and protocol each
  // Rows left out of tasks, classes unseen in training; warnings about fields.
  std::vector<std::string> notes;
};

// Of tasks: all, or what choosing weights needs: answers from all fields, without intervals.
enum class Detail { kAll, kScore };

// Protocols with their data open, to be asked as often as training likes.
class Evaluator {
 public:
  // `facts` of the recipe's tasks; `manifest` replaces the recipe's data where given.
  Evaluator(const Recipe& recipe, const std::vector<TargetFacts>& facts,
            const std::vector<ProtocolConfig>& protocols,
            const std::filesystem::path& manifest = {});
  EvaluationResult run(Model& model, const std::vector<const Modality*>& modalities,
                       const RetrievalOptions& options, Detail detail = Detail::kAll) const;
  size_t size() const { return open_.size(); }  // protocols
  const Dataset& data(size_t protocol) const { return *open_.at(protocol).data; }
  const std::vector<int64_t>& rows(size_t protocol) const;  // all that take part

 private:
  struct Open {
    std::shared_ptr<Dataset> data;
    Question question;                 // of retrieval and prompts
    std::optional<TaskQuestion> task;  // of kind task, instead
  };
  void judge(const Open& open, std::shared_ptr<const JointAnswers> answers,
             const RetrievalOptions& options, Detail detail, EvaluationResult& all) const;

  std::vector<Open> open_;
  std::vector<TaskConfig> tasks_;
  std::vector<TargetFacts> facts_;
  std::string metric_;  // by which weights are chosen
};

// Mean of metric `name` over directions, languages and tasks, where it exists; counts down where
// smaller is better. Throws Error(kConfig) for a name that no metric has, or that exists nowhere.
double validation_score(const std::vector<Metric>& metrics, const std::string& name);

}  // namespace braid
