#include "braid/metric/caption/grams.h"

#include <algorithm>

namespace braid {

CountedWords GramCounter::count(const Words& words) {
  CountedWords counted;
  std::vector<uint32_t> numbers;
  for (const auto& word : words) {
    const auto next = static_cast<uint32_t>(numbers_.size());
    numbers.push_back(numbers_.try_emplace(word, next).first->second);
  }
  counted.words = numbers;
  for (size_t begin = 0; begin < numbers.size(); ++begin) {
    uint32_t id = NgramTable::kNone;
    const size_t longest = std::min(kGramOrders, numbers.size() - begin);
    for (size_t order = 0; order < longest; ++order) {
      id = table_.add(id, numbers[begin + order]);
      counted.grams.push_back({id, static_cast<uint16_t>(order), 1});
    }
  }
  auto& grams = counted.grams;
  std::sort(grams.begin(), grams.end(), [](const Gram& a, const Gram& b) { return a.id < b.id; });
  size_t kept = 0;
  for (size_t i = 0; i < grams.size(); ++i) {
    if (kept > 0 && grams[kept - 1].id == grams[i].id) {
      ++grams[kept - 1].count;
    } else {
      grams[kept++] = grams[i];
    }
  }
  grams.resize(kept);
  return counted;
}

}  // namespace braid
