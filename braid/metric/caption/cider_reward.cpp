#include "braid/metric/caption/cider_reward.h"

#include <optional>

#include "braid/metric/caption/grams.h"

namespace braid {

struct CiderReward::State {
  WordRule words;
  GramCounter counter;
  std::vector<std::vector<CountedWords>> references;  // [n]
  std::optional<CiderD> cider;
};

CiderReward::CiderReward(const std::vector<std::vector<std::string>>& references, WordRule words)
    : state_(std::make_unique<State>()) {
  state_->words = words;
  std::vector<CountedSample> documents;
  for (const auto& texts : references) {
    auto& own = state_->references.emplace_back();
    for (const auto& text : texts) own.push_back(state_->counter.count(caption_words(text, words)));
    if (!own.empty()) documents.push_back({{}, own});
  }
  state_->cider.emplace(documents, state_->counter.size());
}

CiderReward::~CiderReward() = default;

double CiderReward::of(size_t sample, std::string_view text) const {
  const auto& references = state_->references.at(sample);
  if (references.empty()) return 0;
  return state_->cider->score(
      {state_->counter.count_known(caption_words(text, state_->words)), references});
}

}  // namespace braid
