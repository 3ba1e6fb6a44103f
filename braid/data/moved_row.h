// Rows for a manifest that lies elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>

#include "braid/data/cell.h"
#include "braid/data/dataset.h"

namespace braid {

// The row's cells as they are, but for those of the data's fields from number `first` on, which name
// files: they name them from `folder`, and what said where they lay (`shard`, `<column>_shard`,
// `<column>_index`) is gone. Throws what Dataset::values throws.
Row moved_row(const Dataset& data, int64_t row, size_t first, const std::filesystem::path& folder);

// Puts the values of a row's cell anew, in its own form: one, or a list.
void put_values(Row& cells, const std::string& column, const std::vector<std::string>& values);

}  // namespace braid
