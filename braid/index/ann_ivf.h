// Clusters of a segment's rows, by FAISS's k-means; the vectors stay in the segment.
#pragma once

#include <memory>

#include "braid/index/ann.h"

namespace braid {

std::unique_ptr<Ann> build_ivf(const AnnRows& rows, int64_t threads);
std::unique_ptr<Ann> load_ivf(const TensorFile& stored, const AnnRows& rows);

}  // namespace braid
