// A graph of neighbours over a segment's rows, by FAISS; the vectors stay in the segment.
#pragma once

#include <memory>

#include "braid/index/ann.h"

namespace braid {

std::unique_ptr<Ann> build_hnsw(const AnnRows& rows, int64_t threads);
std::unique_ptr<Ann> load_hnsw(const TensorFile& stored, const AnnRows& rows);

}  // namespace braid
