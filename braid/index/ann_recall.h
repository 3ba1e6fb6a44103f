// How much of the true answer an Ann finds, measured on the segment it was built over.
//
//   recall@10 = mean over questions of |found and true| / |true|
//
// Questions are stored vectors moved by random noise: one half by half their length (cosine about
// 0.9: a picture like those stored), the other by twice (0.45: words that ask for pictures lie apart
// from them).
#pragma once

#include "braid/index/ann.h"
#include "braid/kernel/topk.h"

namespace braid {

struct AnnQuality {
  int64_t effort = 1;
  double recall = 0;  // recall@10 with that effort
  int64_t questions = 0;
};

inline constexpr double kWantedRecall = 0.99;
inline constexpr int64_t kRecallDepth = 10;

// The least effort that reaches kWantedRecall, else the greatest. The same rows give the same
// questions.
AnnQuality tune_ann(const Ann& ann, const AnnRows& rows, int64_t threads);

// The best of `candidates` for a query, scored exactly: row numbers of the segment, best first.
std::vector<TopkHit> score_rows(const float* query, const AnnRows& rows,
                                std::vector<int64_t> candidates, int64_t k);

}  // namespace braid
