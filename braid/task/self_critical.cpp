#include "braid/task/self_critical.h"

#include <algorithm>

#include "braid/block/device.h"
#include "braid/metric/generation_scores.h"

namespace braid {
namespace {

// A decoder that draws without dropout, as it will be used.
class Still {
 public:
  explicit Still(Module& module) : module_(module), training_(module.is_training()) {
    module_.train(false);
  }
  ~Still() { module_.train(training_); }
  Still(const Still&) = delete;
  Still& operator=(const Still&) = delete;

 private:
  Module& module_;
  bool training_;
};

// Adds the draws about one sample, each with what it has ahead of the mean of the others.
void add_draws(const std::vector<WrittenText>& written, int64_t sample, int64_t language,
               const CiderReward& reward, size_t place, DrawnTexts& out) {
  const size_t first = out.reward.size();
  double sum = 0;
  for (const auto& one : written) {
    out.texts.sample.push_back(sample);
    out.texts.language.push_back(language);
    out.texts.tokens.push_back(one.tokens);
    out.reward.push_back(reward.of(place, one.text));
    sum += out.reward.back();
  }
  const auto others = static_cast<double>(written.size() - 1);
  for (size_t k = first; k < out.reward.size(); ++k)
    out.advantage.push_back(out.reward[k] - (sum - out.reward[k]) / others);
}

}  // namespace

SelfCritical::SelfCritical(const TargetTable& targets, int64_t draws) : draws_(draws) {
  int64_t languages = 0;
  for (const auto& texts : targets.texts) {
    for (const auto& one : texts) languages = std::max(languages, one.language + 1);
  }
  for (int64_t language = 0; language < languages; ++language) {
    std::vector<std::vector<std::string>> references;
    std::vector<std::string> all;
    auto& has = has_.emplace_back();
    for (const auto& texts : targets.texts) {
      auto& own = references.emplace_back();
      for (const auto& one : texts) {
        if (one.language == language) own.push_back(one.text);
      }
      has.push_back(!own.empty());
      all.insert(all.end(), own.begin(), own.end());
    }
    rewards_.push_back(
        std::make_unique<CiderReward>(references, words_of_language("", all)));
  }
}

DrawnTexts SelfCritical::draw(Model& model, size_t task, const Joined& joined,
                              const std::vector<int64_t>& places,
                              const std::vector<int64_t>& rows, uint64_t seed) const {
  const Still still(*model.joint());
  WriteOptions how;
  how.search.sample = true;
  how.search.best = draws_;
  how.numbers = rows;
  std::vector<std::vector<std::vector<WrittenText>>> written;  // [language][sample][draw]
  for (size_t language = 0; language < rewards_.size(); ++language) {
    how.language = static_cast<int64_t>(language);
    how.seed = seed + language;
    written.push_back(model.write(task, joined, how));
  }
  DrawnTexts out;
  for (size_t s = 0; s < places.size(); ++s) {
    if (places[s] == kUnknown) continue;
    const auto place = static_cast<size_t>(places[s]);
    for (size_t language = 0; language < rewards_.size(); ++language) {
      if (!has_[language][place]) continue;
      add_draws(written[language][s], static_cast<int64_t>(s), static_cast<int64_t>(language),
                *rewards_[language], place, out);
    }
  }
  for (const double reward : out.reward)
    out.mean_reward += reward / static_cast<double>(out.reward.size());
  return out;
}

at::Tensor self_critical_loss(const at::Tensor& scores, const std::vector<int64_t>& following,
                              const DrawnTexts& drawn, int64_t max_tokens) {
  std::vector<float> ahead;  // [N]
  for (size_t k = 0; k < drawn.advantage.size(); ++k) {
    const auto own = std::min<int64_t>(std::ssize(drawn.texts.tokens[k]), max_tokens - 1) + 1;
    ahead.insert(ahead.end(), static_cast<size_t>(own), static_cast<float>(drawn.advantage[k]));
  }
  const auto here = scores.device();
  const auto said = to_device(at::tensor(following, at::kLong), here).unsqueeze(1);
  const auto log_p = scores.to(at::kFloat).log_softmax(1).gather(1, said).squeeze(1);  // [N]
  return -(to_device(at::tensor(ahead), here) * log_p).mean();
}

}  // namespace braid
