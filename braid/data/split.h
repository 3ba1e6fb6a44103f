// Which split a row belongs to, as the recipe's `data:` says it.
#pragma once

#include <string>
#include <string_view>

#include "braid/data/dataset.h"

namespace braid {

// Throws Error(kConfig) when the ways to split contradict each other or shares do not sum to 1.
void check_data_config(const DataConfig& config);

// The split of a key: the same on every machine, whatever other rows there are.
const std::string& hash_split(const std::map<std::string, double>& shares, std::string_view key);

}  // namespace braid
