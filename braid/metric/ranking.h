// How well a score ranks positives before negatives: AUROC and average precision.
//   AUROC = P(score of a positive > of a negative) + P(equal) / 2          (Hanley, McNeil 1982)
//   AP    = sum over thresholds of (recall - recall before) * precision    (no interpolation)
// Equal scores are one threshold.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace braid {

struct Scored {
  double score;
  uint32_t element;  // of `times`
  bool positive;
};

struct RankingValues {
  double auroc, average_precision;  // NaN unless there are positives and negatives
};

class Ranking {
 public:
  explicit Ranking(std::vector<Scored> scored);

  // Element e counts times[e] times.
  RankingValues operator()(std::span<const int32_t> times) const;

 private:
  std::vector<uint32_t> elements_;  // best first
  std::vector<uint8_t> marks_;      // of each: kPositive, kLastOfEquals
};

}  // namespace braid
