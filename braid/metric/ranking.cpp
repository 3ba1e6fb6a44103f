#include "braid/metric/ranking.h"

#include <algorithm>
#include <limits>

namespace braid {
namespace {

constexpr uint8_t kPositive = 1, kLastOfEquals = 2;

}  // namespace

Ranking::Ranking(std::vector<Scored> scored) {
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.element < b.element;
  });
  for (size_t i = 0; i < scored.size(); ++i) {
    const bool last = i + 1 == scored.size() || scored[i + 1].score != scored[i].score;
    elements_.push_back(scored[i].element);
    marks_.push_back(
        static_cast<uint8_t>((scored[i].positive ? kPositive : 0) | (last ? kLastOfEquals : 0)));
  }
}

RankingValues Ranking::operator()(std::span<const int32_t> times) const {
  int64_t above[2] = {};  // negatives and positives of greater score
  int64_t equal[2] = {};  // of this one
  double area = 0, precisions = 0;
  for (size_t i = 0; i < elements_.size(); ++i) {
    equal[marks_[i] & kPositive] += times[elements_[i]];
    if (!(marks_[i] & kLastOfEquals)) continue;
    const auto negatives = static_cast<double>(equal[0]), positives = static_cast<double>(equal[1]);
    area += negatives * (static_cast<double>(above[1]) + positives / 2);
    above[0] += equal[0];
    above[1] += equal[1];
    if (equal[1] > 0) {
      precisions +=
          positives * static_cast<double>(above[1]) / static_cast<double>(above[0] + above[1]);
    }
    equal[0] = equal[1] = 0;
  }
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (above[0] == 0 || above[1] == 0) return {kNone, kNone};
  const auto positives = static_cast<double>(above[1]);
  return {area / (positives * static_cast<double>(above[0])), precisions / positives};
}

}  // namespace braid
