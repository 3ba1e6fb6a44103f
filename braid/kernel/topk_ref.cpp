#include <algorithm>

#include "braid/kernel/topk.h"

namespace braid {

std::vector<std::vector<TopkHit>> topk_ref(const float* queries, int64_t query_count,
                                           const TopkRows& rows, int64_t k) {
  std::vector<std::vector<TopkHit>> result;
  for (int64_t q = 0; q < query_count; ++q) {
    std::vector<TopkHit> hits;
    for (int64_t n = 0; n < rows.count; ++n) {
      if (rows.live && !rows.live[n]) continue;
      double score = 0;
      for (int64_t d = 0; d < rows.width; ++d) {
        score += double{queries[q * rows.width + d]} * rows.values[n * rows.width + d];
      }
      if (score == score) hits.push_back({static_cast<float>(score), n});
    }
    std::sort(hits.begin(), hits.end(), better);
    if (static_cast<int64_t>(hits.size()) > k) hits.resize(static_cast<size_t>(k));
    result.push_back(std::move(hits));
  }
  return result;
}

}  // namespace braid
