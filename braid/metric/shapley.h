// Shapley values: what each player (a modality) adds, averaged over every order in which the
// players may join (Shapley 1953):
//   phi_i = sum over S without i of |S|! (M - |S| - 1)! / M! * (v(S + i) - v(S))
#pragma once

#include <span>
#include <vector>

namespace braid {

inline constexpr size_t kMostPlayers = 5;

// `value[set]` is the worth of the players whose bits are set, of all 2^M sets, M = 1 .. 5. Gives
// [M], which add up to value[all] - value[none]. Throws Error(kShape) for another size,
// Error(kInput) for a value that is not finite.
std::vector<double> shapley(std::span<const double> value);

}  // namespace braid
