#include "braid/metric/shapley.h"

#include <bit>
#include <cmath>
#include <string>

#include "braid/core/error.h"

namespace braid {
namespace {

double factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }

}  // namespace

std::vector<double> shapley(std::span<const double> value) {
  const size_t sets = value.size();
  if (!std::has_single_bit(sets) || sets < 2 || sets > size_t{1} << kMostPlayers) {
    throw Error(
        ErrorCode::kShape,
        "shapley: expected values of all 2, 4, 8, 16 or 32 subsets, got " + std::to_string(sets));
  }
  for (size_t set = 0; set < sets; ++set) {
    if (std::isfinite(value[set])) continue;
    throw Error(ErrorCode::kInput, "shapley: subset " + std::to_string(set) +
                                       ": expected a finite value, got " +
                                       std::to_string(value[set]));
  }
  const int players = std::countr_zero(sets);
  std::vector<double> phi(static_cast<size_t>(players));
  for (size_t set = 0; set < sets; ++set) {
    const int size = std::popcount(set);
    const double weight = factorial(size) * factorial(players - size - 1) / factorial(players);
    for (size_t i = 0; i < phi.size(); ++i) {
      if (set >> i & 1) continue;
      phi[i] += weight * (value[set | size_t{1} << i] - value[set]);
    }
  }
  return phi;
}

}  // namespace braid
