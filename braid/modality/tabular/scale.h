// Words that have an order: low, medium, high; 轻, 中, 重; I, II, III; stage 1, stage 2.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace braid {

// The words in rising order, where they all belong to one scale; at least two.
std::optional<std::vector<std::string>> in_order(std::span<const std::string> words);

}  // namespace braid
