// What paired tests ask of their input.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace braid::pairs {

// first - second. Throws Error(kShape) for unequal sizes, Error(kInput) for none and for values
// that are not finite; `test` is for messages.
std::vector<double> differences(std::span<const double> first, std::span<const double> second,
                                const std::string& test);

// Throws Error(kShape) unless there is one for each of `samples`.
void check_groups(std::span<const int64_t> group, size_t samples, const std::string& test);

}  // namespace braid::pairs
