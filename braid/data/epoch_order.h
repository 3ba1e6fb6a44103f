// The order in which an epoch takes the rows. Depends on seed, epoch, rows and streams only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace braid {

// Without `buffer`, a permutation of all `rows` (rising). With it: the streams in random order, the
// rows of each in the order of the file, through a buffer that holds `buffer` rows and gives up one
// of them at random for each that comes. `stream_begins` are the first rows of the streams, rising.
std::vector<int64_t> epoch_order(const std::vector<int64_t>& rows,
                                 const std::vector<int64_t>& stream_begins,
                                 std::optional<int64_t> buffer, uint64_t seed, int64_t epoch);

}  // namespace braid
