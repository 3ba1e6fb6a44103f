#include "braid/metric/pairs.h"

#include <cmath>

#include "braid/core/error.h"

namespace braid::pairs {

std::vector<double> differences(std::span<const double> first, std::span<const double> second,
                                const std::string& test) {
  if (first.size() != second.size()) {
    throw Error(ErrorCode::kShape, test + ": expected two values of each sample, got " +
                                       std::to_string(first.size()) + " and " +
                                       std::to_string(second.size()));
  }
  if (first.empty()) throw Error(ErrorCode::kInput, test + ": no sample to compare");
  std::vector<double> out;
  for (size_t i = 0; i < first.size(); ++i) {
    if (!std::isfinite(first[i]) || !std::isfinite(second[i])) {
      throw Error(ErrorCode::kInput,
                  test + ": sample " + std::to_string(i) + ": expected finite values, got " +
                      std::to_string(first[i]) + " and " + std::to_string(second[i]));
    }
    out.push_back(first[i] - second[i]);
  }
  return out;
}

void check_groups(std::span<const int64_t> group, size_t samples, const std::string& test) {
  if (group.size() == samples) return;
  throw Error(ErrorCode::kShape, test + ": expected a group for each of " +
                                     std::to_string(samples) + " samples, got " +
                                     std::to_string(group.size()));
}

}  // namespace braid::pairs
