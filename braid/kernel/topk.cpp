#include "braid/kernel/topk.h"

#include <algorithm>
#include <cstring>

#include "braid/core/error.h"

// One body, compiled for each instruction set. Chosen by hand and not by ifunc (target_clones),
// whose resolvers run before the sanitizers are ready.
#define BRAID_ALWAYS_INLINE inline __attribute__((always_inline))

namespace braid {
namespace {

// One register: 4 floats of SSE or NEON, 8 of AVX2, 16 of AVX-512.
template <int kLanes>
struct Register {
  typedef float Type __attribute__((vector_size(kLanes * sizeof(float))));
};
template <int kLanes>
using Lanes = typename Register<kLanes>::Type;

template <class Vector>
BRAID_ALWAYS_INLINE void load(Vector& lanes, const float* from) {
  std::memcpy(&lanes, from, sizeof lanes);
}

// The last `count` values of a row, the rest zero.
template <class Vector>
BRAID_ALWAYS_INLINE void load_rest(Vector& lanes, const float* from, int64_t count) {
  lanes = Vector{};
  std::memcpy(&lanes, from, static_cast<size_t>(count) * sizeof(float));
}

template <int kLanes>
BRAID_ALWAYS_INLINE float total(const Lanes<kLanes>& lanes) {
  if constexpr (kLanes == 4) {
    return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
  } else {
    Lanes<kLanes / 2> halves[2];
    std::memcpy(halves, &lanes, sizeof lanes);
    halves[0] += halves[1];
    return total<kLanes / 2>(halves[0]);
  }
}

// Four rows at once. dot_one takes the same steps, so a score does not depend on which made it.
template <int kLanes>
BRAID_ALWAYS_INLINE void dot_four(const float* query, const float* row, int64_t width,
                                  float* scores) {
  Lanes<kLanes> sum0 = {}, sum1 = {}, sum2 = {}, sum3 = {}, q, x;
  int64_t d = 0;
  for (; d + kLanes <= width; d += kLanes) {
    load(q, query + d);
    load(x, row + d);
    sum0 += q * x;
    load(x, row + width + d);
    sum1 += q * x;
    load(x, row + 2 * width + d);
    sum2 += q * x;
    load(x, row + 3 * width + d);
    sum3 += q * x;
  }
  if (const int64_t rest = width - d; rest > 0) {
    load_rest(q, query + d, rest);
    load_rest(x, row + d, rest);
    sum0 += q * x;
    load_rest(x, row + width + d, rest);
    sum1 += q * x;
    load_rest(x, row + 2 * width + d, rest);
    sum2 += q * x;
    load_rest(x, row + 3 * width + d, rest);
    sum3 += q * x;
  }
  scores[0] = total<kLanes>(sum0);
  scores[1] = total<kLanes>(sum1);
  scores[2] = total<kLanes>(sum2);
  scores[3] = total<kLanes>(sum3);
}

template <int kLanes>
BRAID_ALWAYS_INLINE float dot_one(const float* query, const float* row, int64_t width) {
  Lanes<kLanes> sum = {}, q, x;
  int64_t d = 0;
  for (; d + kLanes <= width; d += kLanes) {
    load(q, query + d);
    load(x, row + d);
    sum += q * x;
  }
  if (const int64_t rest = width - d; rest > 0) {
    load_rest(q, query + d, rest);
    load_rest(x, row + d, rest);
    sum += q * x;
  }
  return total<kLanes>(sum);
}

template <int kLanes>
BRAID_ALWAYS_INLINE void dot_block(const float* query, const float* rows, int64_t count,
                                   int64_t width, float* scores) {
  int64_t n = 0;
  for (; n + 4 <= count; n += 4) dot_four<kLanes>(query, rows + n * width, width, scores + n);
  for (; n < count; ++n) scores[n] = dot_one<kLanes>(query, rows + n * width, width);
}

void dot_baseline(const float* q, const float* x, int64_t count, int64_t width, float* scores) {
  dot_block<4>(q, x, count, width, scores);
}
#ifdef __x86_64__
__attribute__((target("avx2,fma"))) void dot_avx2(const float* q, const float* x, int64_t count,
                                                  int64_t width, float* scores) {
  dot_block<8>(q, x, count, width, scores);
}
__attribute__((target("avx512f,avx2,fma"))) void dot_avx512(const float* q, const float* x,
                                                            int64_t count, int64_t width,
                                                            float* scores) {
  dot_block<16>(q, x, count, width, scores);
}
#endif

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

TopkSimd best_topk_simd() {
#ifdef __x86_64__
  static const TopkSimd best = [] {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
      return TopkSimd::kBaseline;
    return __builtin_cpu_supports("avx512f") ? TopkSimd::kAvx512 : TopkSimd::kAvx2;
  }();
  return best;
#else
  return TopkSimd::kBaseline;
#endif
}

DotRows dot_rows(TopkSimd simd) {
  if (simd > best_topk_simd()) {
    throw Error(ErrorCode::kInternal, "topk: this machine lacks the instructions asked for");
  }
#ifdef __x86_64__
  if (simd == TopkSimd::kAvx512) return dot_avx512;
  if (simd == TopkSimd::kAvx2) return dot_avx2;
#endif
  return dot_baseline;
}

std::vector<std::vector<TopkHit>> topk(const float* queries, int64_t query_count,
                                       const TopkRows& rows, int64_t k, TopkSimd simd) {
  constexpr int64_t kMaxBlock = 256, kBlockValues = 32 * 1024;  // stays in the second-level cache
  const DotRows dot = dot_rows(simd);
  if (k <= 0) return std::vector<std::vector<TopkHit>>(static_cast<size_t>(query_count));
  const int64_t block =
      std::clamp<int64_t>(kBlockValues / std::max<int64_t>(rows.width, 1), 4, kMaxBlock);
  std::vector<BestHits> best(static_cast<size_t>(query_count), BestHits(k));
  float scores[kMaxBlock];
  for (int64_t first = 0; first < rows.count; first += block) {
    const int64_t count = std::min(block, rows.count - first);
    for (int64_t q = 0; q < query_count; ++q) {
      dot(queries + q * rows.width, rows.values + first * rows.width, count, rows.width, scores);
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
