#include <algorithm>

#include "braid/metric/caption/grams.h"

namespace braid {
namespace {

constexpr double kRougeBeta = 1.2;

size_t common_subsequence(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  std::vector<size_t> best(b.size() + 1);  // of the words of `a` so far and b[0 .. j)
  for (const uint32_t word : a) {
    size_t diagonal = 0;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t above = best[j + 1];
      best[j + 1] = word == b[j] ? diagonal + 1 : std::max(above, best[j]);
      diagonal = above;
    }
  }
  return best.back();
}

}  // namespace

double rouge_l(const CountedSample& sample) {
  double precision = 0, recall = 0;
  const auto& words = sample.candidate.words;
  for (const auto& reference : sample.references) {
    if (words.empty() || reference.words.empty()) continue;
    const auto common = static_cast<double>(common_subsequence(words, reference.words));
    precision = std::max(precision, common / static_cast<double>(words.size()));
    recall = std::max(recall, common / static_cast<double>(reference.words.size()));
  }
  if (precision == 0) return 0;
  constexpr double kSquare = kRougeBeta * kRougeBeta;
  return (1 + kSquare) * precision * recall / (recall + kSquare * precision);
}

}  // namespace braid
