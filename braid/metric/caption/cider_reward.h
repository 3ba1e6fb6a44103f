// CIDEr-D of single sentences against the references of a training set, as a reward.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "braid/metric/caption/captions.h"

namespace braid {

class CiderReward {
 public:
  // references [n][..]; a document is all references of one n. UTF-8.
  CiderReward(const std::vector<std::vector<std::string>>& references, WordRule words);
  ~CiderReward();

  // 0 .. 10, and 0 of a sample without references: what caption_statistics gives as cider_d, with
  // the documents of all n. Many threads.
  double of(size_t sample, std::string_view text) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace braid
