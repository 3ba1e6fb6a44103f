// chrF (Popovic 2015): F-score, beta 2, of n-grams of 1 to 6 characters, blanks left out.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "braid/metric/caption/ngram_table.h"

namespace braid {

inline constexpr size_t kChrfOrders = 6;
inline constexpr size_t kChrfSums = 3 * kChrfOrders;
using ChrfSums = std::array<double, kChrfSums>;  // for each n: candidate's, reference's, both

// Against the reference of the largest score, the first of equal ones. `scratch` is memory only.
ChrfSums chrf_sums(std::string_view candidate, const std::vector<std::string>& references,
                   NgramTable* scratch);
double chrf(std::span<const double> sums);  // 0 .. 1

}  // namespace braid
