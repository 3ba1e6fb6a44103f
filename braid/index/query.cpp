#include "braid/index/query.h"

#include <cmath>

#include "braid/core/error.h"
#include "braid/index/reader.h"

namespace braid {

std::vector<float> compose_query(std::span<const QueryPart> parts) {
  if (parts.empty()) throw Error(ErrorCode::kInput, "a question needs at least one part");
  const size_t width = parts[0].vector.size();
  std::vector<double> sum(width);
  double most = 0;  // length of the longest sum that the weights allow
  for (const QueryPart& part : parts) {
    if (!std::isfinite(part.weight) || part.weight == 0) {
      throw Error(ErrorCode::kInput, part.name + ": its weight is " + std::to_string(part.weight) +
                                         ", expected a number that is not 0");
    }
    const auto unit = unit_vectors(part.vector, static_cast<int64_t>(width), part.name);
    for (size_t d = 0; d < width; ++d) sum[d] += part.weight * unit[d];
    most += std::abs(part.weight);
  }
  double square = 0;
  for (const double value : sum) square += value * value;
  constexpr double kNothing = 1e-4;  // of `most`: the rest is rounding
  if (std::sqrt(square) <= kNothing * most) {
    throw Error(ErrorCode::kInput,
                "the parts of the question cancel out; change a weight or leave one out");
  }
  std::vector<float> query;
  for (const double value : sum) query.push_back(static_cast<float>(value / std::sqrt(square)));
  return query;
}

}  // namespace braid
