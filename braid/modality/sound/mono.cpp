#include "braid/modality/sound/mono.h"

#include <cmath>
#include <string>

#include "braid/core/config.h"
#include "braid/core/error.h"

namespace braid {
namespace {

constexpr int64_t kMaxChannels = 64;
constexpr int64_t kMaxRate = 1'000'000;

int64_t checked_rate(int64_t channels, int64_t rate) {
  if (channels < 1 || channels > kMaxChannels) {
    throw Error(ErrorCode::kInput, "sound: expected 1 .. " + std::to_string(kMaxChannels) +
                                       " channels, got " + std::to_string(channels));
  }
  if (rate < 1 || rate > kMaxRate) {
    throw Error(ErrorCode::kInput, "sound: expected a rate of 1 .. " + std::to_string(kMaxRate) +
                                       " Hz, got " + std::to_string(rate));
  }
  return rate;
}

}  // namespace

Mono::Mono(int64_t channels, int64_t from_rate, int64_t to_rate, const SoundLimits& limits)
    : channels_(channels),
      rate_(checked_rate(channels, from_rate)),
      max_seconds_(limits.max_seconds),
      converter_(from_rate, to_rate) {}

void Mono::take(std::span<const float> frames) {
  const auto count = static_cast<int64_t>(frames.size()) / channels_;
  if (static_cast<double>(taken_ + count) > max_seconds_ * static_cast<double>(rate_)) {
    throw Error(ErrorCode::kLimit, "sound: longer than " + number_text(max_seconds_) +
                                       " s (max_seconds of the modality)");
  }
  mixed_.resize(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    float sum = 0;
    for (int64_t c = 0; c < channels_; ++c) sum += frames[static_cast<size_t>(i * channels_ + c)];
    if (!std::isfinite(sum)) {
      throw Error(ErrorCode::kInput,
                  "sound: sample " + std::to_string(taken_ + i) + " is not a finite number");
    }
    mixed_[static_cast<size_t>(i)] = sum / static_cast<float>(channels_);
  }
  taken_ += count;
  converter_.push(mixed_);
}

std::vector<float> Mono::finish() {
  if (taken_ == 0) throw Error(ErrorCode::kInput, "sound: holds no sample");
  return converter_.finish();
}

}  // namespace braid
