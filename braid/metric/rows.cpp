#include "braid/metric/rows.h"

#include <cmath>
#include <string>

#include "braid/core/error.h"

namespace braid {

std::span<const float> finite_rows(const Array& array, const char* name) {
  const auto& shape = array.shape();
  if (array.dtype() != DType::kF32 || shape.size() != 2 || shape[0] < 1 || shape[1] < 1) {
    throw Error(ErrorCode::kShape, std::string(name) + ": expected [N, D] of F32, got " +
                                       shape_text(shape) + " of " + dtype_name(array.dtype()));
  }
  const auto values = array.values<float>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw Error(ErrorCode::kInput, std::string(name) + ": row " +
                                       std::to_string(i / static_cast<size_t>(shape[1])) +
                                       " is not finite (" + std::to_string(values[i]) + ")");
  }
  return values;
}

void check_same_width(const Array& a, const Array& b) {
  if (a.size(1) == b.size(1)) return;
  throw Error(ErrorCode::kShape, "embeddings of different width: " + shape_text(a.shape()) +
                                     " and " + shape_text(b.shape()));
}

}  // namespace braid
