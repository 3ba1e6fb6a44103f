// What one field brings to the joint half of a model: chosen values of a batch, absent ones too.
#pragma once

#include <cstdint>
#include <vector>

#include "braid/data/batch.h"
#include "braid/task/slot_vectors.h"

namespace braid {

inline constexpr int64_t kAbsent = -1;

// Which of the N embedded values stands for each of `rows` (positions in the batch): of those of
// the first draw and view, where several sources have one, one drawn by (seed, epoch, sample).
std::vector<int64_t> places_of_rows(const EmbeddedField& field, const Batch& batch,
                                    const std::vector<int64_t>& rows, uint64_t seed);

// [R] samples whose values are those at `places`, or absent. `tokens` as embed_field keeps them
// (their width E), or undefined; vectors [N, D], undefined where nothing was embedded.
Embedding joint_part(const at::Tensor& vectors, const Tokens& tokens,
                     const std::vector<int64_t>& places, int64_t width, at::Device device);

}  // namespace braid
