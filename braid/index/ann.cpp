#include "braid/index/ann.h"

#include "braid/core/error.h"
#include "braid/index/ann_hnsw.h"
#include "braid/index/ann_ivf.h"

namespace braid {

std::unique_ptr<Ann> build_ann(IndexKind kind, const AnnRows& rows, int64_t threads) {
  if (kind == IndexKind::kHnsw) return build_hnsw(rows, threads);
  if (kind == IndexKind::kIvf) return build_ivf(rows, threads);
  throw Error(ErrorCode::kInternal, "an exact index has nothing to build");
}

std::unique_ptr<Ann> load_ann(IndexKind kind, const TensorFile& stored, const AnnRows& rows) {
  if (kind == IndexKind::kHnsw) return load_hnsw(stored, rows);
  if (kind == IndexKind::kIvf) return load_ivf(stored, rows);
  throw Error(ErrorCode::kInternal, "an exact index has nothing to load");
}

}  // namespace braid
