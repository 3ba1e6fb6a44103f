// Sound files to one channel of samples at a chosen rate: WAV (PCM of all widths, float, A-law,
// mu-law), FLAC, Ogg Vorbis, Opus, MP3, AIFF and AU through libsndfile, M4A and other containers of
// AAC through libav.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace braid {

struct SoundLimits {
  uint64_t max_bytes = uint64_t{64} << 20;
  double max_seconds = 600;
};

// Samples in -1 .. 1 (float files may go beyond), channels averaged, at `rate` Hz. Memory grows
// with what is decoded, never with what a header claims. Throws Error(kInput) for bytes that are no
// sound, are damaged, hold no sample or hold NaN or infinity, Error(kLimit) for too many bytes or
// seconds.
std::vector<float> decode_sound(std::span<const std::byte> bytes, int64_t rate,
                                const SoundLimits& limits = {});

}  // namespace braid
