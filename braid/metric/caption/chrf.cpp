// As sacreBLEU has it: mean precision and recall over the n for which both sides have n-grams, then
// one F-score; case counts.
#include "braid/metric/caption/chrf.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace braid {
namespace {

constexpr double kChrfBeta = 2;

std::vector<uint32_t> visible_characters(std::string_view text) {
  std::vector<uint32_t> characters;
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    UChar32 code = 0;
    U8_NEXT(text.data(), at, size, code);
    if (!u_isUWhiteSpace(code)) characters.push_back(static_cast<uint32_t>(code));
  }
  return characters;
}

double n_grams(size_t characters, size_t n) {
  return characters < n ? 0 : static_cast<double>(characters - n + 1);
}

}  // namespace

ChrfSums chrf_sums(std::string_view candidate, const std::vector<std::string>& references,
                   NgramTable* scratch) {
  auto& table = *scratch;
  table.clear();
  const auto ours = visible_characters(candidate);
  std::vector<int32_t> counts;
  for (size_t begin = 0; begin < ours.size(); ++begin) {
    uint32_t id = NgramTable::kNone;
    for (size_t n = 0; n < kChrfOrders && begin + n < ours.size(); ++n) {
      id = table.add(id, ours[begin + n]);
      if (id == counts.size()) counts.push_back(0);
      ++counts[id];
    }
  }
  ChrfSums best{};
  double best_score = -1;
  std::vector<int32_t> left;
  for (const auto& reference : references) {
    const auto theirs = visible_characters(reference);
    ChrfSums sums{};
    left = counts;
    for (size_t begin = 0; begin < theirs.size(); ++begin) {
      uint32_t id = NgramTable::kNone;
      for (size_t n = 0; n < kChrfOrders && begin + n < theirs.size(); ++n) {
        id = table.find(id, theirs[begin + n]);
        if (id == NgramTable::kNone) break;  // longer ones that begin so are not there either
        sums[3 * n + 2] += left[id]-- > 0;
      }
    }
    for (size_t n = 0; n < kChrfOrders; ++n) {
      sums[3 * n + 1] = n_grams(theirs.size(), n + 1);
      sums[3 * n] = sums[3 * n + 1] > 0 ? n_grams(ours.size(), n + 1) : 0;
    }
    const double score = chrf(sums);
    if (score > best_score) {
      best_score = score;
      best = sums;
    }
  }
  return best;
}

double chrf(std::span<const double> sums) {
  double precision = 0, recall = 0, orders = 0;
  for (size_t n = 0; n < kChrfOrders; ++n) {
    const double ours = sums[3 * n], theirs = sums[3 * n + 1], both = sums[3 * n + 2];
    if (ours == 0 || theirs == 0) continue;
    precision += both / ours;
    recall += both / theirs;
    ++orders;
  }
  if (precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  constexpr double kSquare = kChrfBeta * kChrfBeta;
  return (1 + kSquare) * precision * recall / (kSquare * precision + recall);
}

}  // namespace braid
