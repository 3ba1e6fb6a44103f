// The k rows of a matrix with the largest dot product with each query.
//
//   score[q, n] = sum_d query[q, d] * row[n, d]
//
// Order: larger score first, equal scores by lower row. A score depends on its query and row alone,
// not on where the row lies or what else is asked, so equal rows get equal scores. Rows whose score
// is NaN are never hits. Threads: call it on parts of the rows and merge.
#pragma once

#include <cstdint>
#include <vector>

namespace braid {

struct TopkRows {
  const float* values = nullptr;  // [count, width]
  int64_t count = 0;
  int64_t width = 0;
  const uint8_t* live = nullptr;  // [count], 0: skip the row; nullptr: all count
};

struct TopkHit {
  float score;
  int64_t row;
};

inline bool better(const TopkHit& a, const TopkHit& b) {
  return a.score != b.score ? a.score > b.score : a.row < b.row;
}

// scores[n] = query . row n for n < count, to the bit as topk() scores; rows lie back to back.
void dot_rows(const float* query, const float* rows, int64_t count, int64_t width, float* scores);

// One list for each of `queries` [query_count, width], min(k, live rows) long.
std::vector<std::vector<TopkHit>> topk(const float* queries, int64_t query_count,
                                       const TopkRows& rows, int64_t k);

// The same in the plainest way, summed in double: what topk() is tested against.
std::vector<std::vector<TopkHit>> topk_ref(const float* queries, int64_t query_count,
                                           const TopkRows& rows, int64_t k);

}  // namespace braid
