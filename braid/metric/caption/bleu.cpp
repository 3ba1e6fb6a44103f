// BLEU as coco-caption has it: counts clipped by the largest of any reference, the closest
// reference length (of two equally close ones the shorter), and its small constants against 0.
#include <cmath>

#include "braid/metric/caption/grams.h"

namespace braid {
namespace {

constexpr double kTiny = 1e-15, kSmall = 1e-9;

double closest_length(const CountedSample& sample) {
  const auto words = static_cast<double>(sample.candidate.words.size());
  double best = -1;
  for (const auto& reference : sample.references) {
    const auto length = static_cast<double>(reference.words.size());
    const double off = std::abs(length - words), best_off = std::abs(best - words);
    if (best < 0 || off < best_off || (off == best_off && length < best)) best = length;
  }
  return best;
}

}  // namespace

BleuSums bleu_sums(const CountedSample& sample) {
  BleuSums sums{};
  const size_t words = sample.candidate.words.size();
  sums[0] = static_cast<double>(words);
  sums[1] = closest_length(sample);
  for (size_t n = 0; n < std::min(kGramOrders, words); ++n) {
    sums[2 + kGramOrders + n] = static_cast<double>(words - n);
  }
  for (const auto& gram : sample.candidate.grams) {
    uint16_t most = 0;
    for (const auto& reference : sample.references) {
      const auto found =
          std::lower_bound(reference.grams.begin(), reference.grams.end(), gram.id,
                           [](const Gram& other, uint32_t id) { return other.id < id; });
      if (found != reference.grams.end() && found->id == gram.id)
        most = std::max(most, found->count);
    }
    sums[2 + gram.order] += std::min(gram.count, most);
  }
  return sums;
}

double bleu(std::span<const double> sums, size_t order) {
  double product = 1;
  for (size_t n = 0; n < order; ++n) {
    product *= (sums[2 + n] + kTiny) / (sums[2 + kGramOrders + n] + kSmall);
  }
  const double ratio = (sums[0] + kTiny) / (sums[1] + kSmall);
  const double brevity = ratio < 1 ? std::exp(1 - 1 / ratio) : 1;
  return std::pow(product, 1 / static_cast<double>(order)) * brevity;
}

}  // namespace braid
