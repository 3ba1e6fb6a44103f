#include "braid/engine/sample_heat.h"

#include <algorithm>

#include "braid/core/error.h"
#include "braid/task/explain.h"

namespace braid {
namespace {

class HeatMaker {
 public:
  HeatMaker(const Recipe& recipe, Model& model, const std::vector<const Modality*>& modalities,
            size_t task, const TargetFacts& facts)
      : model_(model), modalities_(modalities), facts_(facts) {
    request_.task = task;
    const auto& decoder = model.joint()->decoder(task)->config();
    request_.write.search = decoder.search;
    request_.write.search.best = 1;
    for (const auto& [name, field] : recipe.fields) fields_.push_back(name);
    if (decoder.reads == DecoderView::kFused) return;
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (modalities[i]->name() == "image" && recipe.tasks[task].sees(fields_[i]))
        looked_at_.push_back(i);
    }
  }

  void operator()(std::vector<AnsweredSample>& samples) {
    for (auto& sample : samples) {
      std::vector<std::optional<Value>> values(fields_.size());
      for (const auto& own : sample.values) {
        const auto at = std::ranges::find(fields_, own.field) - fields_.begin();
        values.at(static_cast<size_t>(at)) = own.value;
      }
      for (const size_t field : looked_at_) {
        if (values[field]) add(values, field, sample);
      }
    }
  }

 private:
  void add(const std::vector<std::optional<Value>>& values, size_t field, AnsweredSample& sample) {
    request_.field = field;
    try {
      const auto told =
          explain_sample(model_, fields_, modalities_, {values}, facts_, request_);
      if (told.text != sample.answer || told.words.empty()) return;
      sample.heat.push_back({fields_[field], told.rows, told.columns, mean_heat(told)});
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUsage) throw;  // an encoder that makes no tokens
    }
  }

  Model& model_;
  const std::vector<const Modality*>& modalities_;
  const TargetFacts& facts_;
  ExplainRequest request_;
  std::vector<std::string> fields_;
  std::vector<size_t> looked_at_;
};

}  // namespace

void add_sample_heat(const Recipe& recipe, const std::vector<TargetFacts>& facts, Model& model,
                     const std::vector<const Modality*>& modalities,
                     std::vector<TaskRecord>& tasks) {
  for (auto& record : tasks) {
    const size_t task = recipe.task_index(record.task);
    if (!model.joint()->decoder(task)) continue;
    HeatMaker make(recipe, model, modalities, task, facts[task]);
    make(record.best);
    make(record.mistakes);
    make(record.telling);
  }
}

}  // namespace braid
