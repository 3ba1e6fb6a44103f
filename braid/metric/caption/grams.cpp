#include "braid/metric/caption/grams.h"

#include <algorithm>
#include <string_view>

namespace braid {

namespace {

// n-grams of words, by `number` of a word and `add` of (n-gram before, word).
template <class Number, class Add>
CountedWords counted_by(const Words& words, Number number, Add add) {
  CountedWords counted;
  auto& numbers = counted.words;
  for (const auto& word : words) numbers.push_back(number(word));
  for (size_t begin = 0; begin < numbers.size(); ++begin) {
    uint32_t id = NgramTable::kNone;
    const size_t longest = std::min(kGramOrders, numbers.size() - begin);
    for (size_t order = 0; order < longest; ++order) {
      id = add(id, numbers[begin + order]);
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

}  // namespace

CountedWords GramCounter::count(const Words& words) {
  return counted_by(
      words,
      [&](const std::string& word) {
        const auto next = static_cast<uint32_t>(numbers_.size());
        return numbers_.try_emplace(word, next).first->second;
      },
      [&](uint32_t before, uint32_t word) { return table_.add(before, word); });
}

CountedWords GramCounter::count_known(const Words& words) const {
  std::unordered_map<std::string_view, uint32_t> new_words;
  NgramTable new_grams;  // of ids on either side of size()
  return counted_by(
      words,
      [&](const std::string& word) {
        const auto known = numbers_.find(word);
        if (known != numbers_.end()) return known->second;
        const auto next = static_cast<uint32_t>(numbers_.size() + new_words.size());
        return new_words.try_emplace(word, next).first->second;
      },
      [&](uint32_t before, uint32_t word) {
        const auto known = table_.find(before, word);
        return known != NgramTable::kNone ? known : table_.size() + new_grams.add(before, word);
      });
}

}  // namespace braid
