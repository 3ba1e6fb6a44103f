#include "braid/kernel/topk.h"

#include <algorithm>

namespace braid {
namespace {

// The best k so far, as a heap with the worst of them at the front.
class BestHits {
 public:
  explicit BestHits(int64_t k) : k_(static_cast<size_t>(k)) {}

  void offer(const TopkHit& hit) {
    if (hit.score != hit.score) return;
    if (heap_.size() == k_) {
      if (!better(hit, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), better);
      heap_.back() = hit;
    } else {
      heap_.push_back(hit);
    }
    std::push_heap(heap_.begin(), heap_.end(), better);
  }

  std::vector<TopkHit> take() {
    std::sort_heap(heap_.begin(), heap_.end(), better);
    return std::move(heap_);
  }

 private:
  size_t k_;
  std::vector<TopkHit> heap_;
};

}  // namespace

std::vector<std::vector<TopkHit>> topk(const float* queries, int64_t query_count,
                                       const TopkRows& rows, int64_t k) {
  constexpr int64_t kMaxBlock = 256, kBlockValues = 32 * 1024;  // stays in the second-level cache
  if (k <= 0) return std::vector<std::vector<TopkHit>>(static_cast<size_t>(query_count));
  const int64_t block =
      std::clamp<int64_t>(kBlockValues / std::max<int64_t>(rows.width, 1), 4, kMaxBlock);
  std::vector<BestHits> best(static_cast<size_t>(query_count), BestHits(k));
  float scores[kMaxBlock];
  for (int64_t first = 0; first < rows.count; first += block) {
    const int64_t count = std::min(block, rows.count - first);
    for (int64_t q = 0; q < query_count; ++q) {
      dot_rows(queries + q * rows.width, rows.values + first * rows.width, count, rows.width,
               scores);
      for (int64_t n = 0; n < count; ++n) {
        if (rows.live && !rows.live[first + n]) continue;
        best[static_cast<size_t>(q)].offer({scores[n], first + n});
      }
    }
  }
  std::vector<std::vector<TopkHit>> result;
  for (auto& hits : best) result.push_back(hits.take());
  return result;
}

}  // namespace braid
