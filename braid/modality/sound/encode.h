// Samples to a sound file.
#pragma once

#include <cstdint>
#include <span>

#include "braid/core/file.h"

namespace braid {

// FLAC of one channel, 16 bits; samples beyond -1 .. 1 are clipped. Throws Error(kInternal) for no
// sample or a rate that FLAC does not know.
Bytes encode_flac(std::span<const float> samples, int64_t rate);

}  // namespace braid
