// What a WAV file's chunks claim, against the bytes that are there.
#pragma once

#include <cstddef>
#include <span>

namespace braid {

// Does nothing for other bytes. libsndfile reads what is left of a damaged file without a word.
// Throws Error(kInput) for chunks that reach beyond the end, and for bytes that are no chunk.
void expect_whole_riff(std::span<const std::byte> bytes);

}  // namespace braid
