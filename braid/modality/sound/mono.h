// Where decoders put what they read: channels averaged, checked, resampled on the fly.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "braid/modality/sound/decode.h"
#include "braid/modality/sound/rate_converter.h"

namespace braid {

class Mono {
 public:
  // Throws Error(kInput) for a number of channels or a rate that no sound has.
  Mono(int64_t channels, int64_t from_rate, int64_t to_rate, const SoundLimits& limits);

  // Interleaved frames [N, channels]. Throws Error(kInput) for NaN and infinity, Error(kLimit).
  void take(std::span<const float> frames);

  // Throws Error(kInput) where nothing was taken.
  std::vector<float> finish();

 private:
  int64_t channels_, rate_;
  double max_seconds_;
  int64_t taken_ = 0;  // frames
  std::vector<float> mixed_;
  RateConverter converter_;
};

// AAC and whatever else libav reads; decode_av.cpp.
std::vector<float> decode_with_av(std::span<const std::byte> bytes, int64_t rate,
                                  const SoundLimits& limits);

}  // namespace braid
