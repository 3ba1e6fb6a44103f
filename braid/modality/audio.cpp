#include "braid/modality/audio.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/error.h"
#include "braid/modality/member.h"
#include "braid/modality/sound/decode.h"
#include "braid/modality/sound/effects.h"

namespace braid {
namespace {

int64_t samples_of(double ms, int64_t rate) {
  return std::max<int64_t>(1, std::llround(ms * static_cast<double>(rate) / 1000));
}

SpectrogramShape shape_of(const AudioConfig& c) {
  return {c.rate,
          samples_of(c.window_ms, c.rate),
          samples_of(c.hop_ms, c.rate),
          c.bands,
          c.low_hz,
          c.high_hz > 0 ? c.high_hz : static_cast<double>(c.rate) / 2,
          c.scale,
          c.features == AudioFeatures::kMfcc ? c.coefficients : 0};
}

std::span<const float> waveform_of(const Sample& prepared) {
  const auto& values = prepared.values;
  if (values.dtype() != DType::kF32 || values.shape().size() != 1 || values.count() == 0) {
    throw Error(ErrorCode::kShape, "audio: expected a prepared sample [N] F32, got " +
                                       shape_text(values.shape()) + " " +
                                       dtype_name(values.dtype()));
  }
  return values.values<float>();
}

class Audio final : public Modality {
 public:
  explicit Audio(const AudioConfig& config)
      : c_(config),
        spectrogram_(shape_of(config)),
        longest_(std::max<int64_t>(
            1, std::llround(config.seconds * static_cast<double>(config.rate)))) {}

  std::string_view name() const override { return "audio"; }
  std::map<std::string, int64_t> facts() const override {
    return {{"width", spectrogram_.width()}, {"max_frames", spectrogram_.frames(longest_)}};
  }
  uint64_t max_bytes() const override { return static_cast<uint64_t>(c_.max_bytes); }

  Sample prepare(std::span<const std::byte> bytes) const override {
    const auto samples = decode_sound(bytes, c_.rate, {max_bytes(), c_.max_seconds});
    return {Array::of<float>({static_cast<int64_t>(samples.size())}, samples), {}};
  }

  Sample view(const Sample& prepared) const override {
    const auto samples = waveform_of(prepared);
    const int64_t spare = std::max<int64_t>(0, std::ssize(samples) - longest_);
    return picture_of(cut(samples, spare / 2, longest_));
  }

  Sample augment(const Sample& prepared, Rng& rng) const override;
  Sample collate(std::span<const Sample* const> views) const override;

 private:
  Sample picture_of(std::span<const float> samples) const;
  void blank_some(Sample& view, Rng& rng) const;

  AudioConfig c_;
  Spectrogram spectrogram_;
  int64_t longest_;  // samples of a view
};

Sample Audio::picture_of(std::span<const float> samples) const {
  const int64_t frames = spectrogram_.frames(std::ssize(samples)), width = spectrogram_.width();
  Sample view{Array(DType::kF32, {frames, width}), Array(DType::kBool, {frames})};
  const auto picture = view.values.mutable_values<float>();
  spectrogram_.transform(samples, picture);
  if (c_.normalise == AudioScaling::kClip) normalise_all(picture);
  if (c_.normalise == AudioScaling::kBand) normalise_columns(picture, width);
  std::ranges::fill(view.mask.mutable_values<bool>(), true);
  return view;
}

Sample Audio::augment(const Sample& prepared, Rng& rng) const {
  const auto& v = c_.views;
  const auto whole = waveform_of(prepared);
  const double factor = v.speed > 0 ? 1 + rng.uniform(-v.speed, v.speed) : 1;
  // What lasts `seconds` once it is played at another speed.
  const auto taken = std::max<int64_t>(1, std::llround(static_cast<double>(longest_) * factor));
  const int64_t spare = std::max<int64_t>(0, std::ssize(whole) - taken);
  const auto part = cut(whole, rng.below(spare + 1), taken);
  auto samples =
      factor == 1 ? std::vector<float>(part.begin(), part.end()) : at_speed(part, factor);
  samples.resize(std::min(samples.size(), static_cast<size_t>(longest_)));
  if (v.gain > 0) amplify(samples, rng.uniform(-v.gain, v.gain));
  if (v.shift > 0) {
    const auto most = static_cast<int64_t>(v.shift * static_cast<double>(samples.size()));
    const int64_t by = rng.below(2 * most + 1) - most;
    turn(samples, by < 0 ? by + std::ssize(samples) : by);
  }
  if (v.noise > 0) add_white_noise(samples, rng.uniform(0, v.noise), rng);
  auto view = picture_of(samples);
  blank_some(view, rng);
  return view;
}

// After normalisation, where 0 is the mean.
void Audio::blank_some(Sample& view, Rng& rng) const {
  const auto picture = view.values.mutable_values<float>();
  const int64_t frames = view.values.size(0), width = view.values.size(1);
  const auto stretch = [&](double share, int64_t of) {  // first, length
    const auto most = static_cast<int64_t>(share * static_cast<double>(of));
    const int64_t length = rng.below(most + 1);
    return std::pair{rng.below(of - length + 1), length};
  };
  for (int64_t i = 0; i < c_.views.masks; ++i) {
    const auto rows = stretch(c_.views.time_mask, frames);
    blank_rows(picture, width, rows.first, rows.second);
    const auto columns = stretch(c_.views.frequency_mask, width);
    blank_columns(picture, width, columns.first, columns.second);
  }
}

Sample Audio::collate(std::span<const Sample* const> views) const {
  const int64_t width = spectrogram_.width();
  int64_t longest = 1;
  for (const auto* view : views) {
    if (!view) continue;
    const auto& values = view->values;
    if (values.dtype() != DType::kF32 || values.shape().size() != 2 || values.size(1) != width) {
      throw Error(ErrorCode::kShape, "audio: expected views [T, " + std::to_string(width) +
                                         "] F32, got " + shape_text(values.shape()) + " " +
                                         dtype_name(values.dtype()));
    }
    longest = std::max(longest, values.size(0));
  }
  const auto rows = static_cast<int64_t>(views.size());
  Sample batch{Array(DType::kF32, {rows, longest, width}), Array(DType::kBool, {rows, longest})};
  auto real = batch.mask.mutable_values<bool>().begin();  // [B, T]
  auto* to = batch.values.mutable_bytes();                // [B, T, F]
  const auto row_bytes = static_cast<size_t>(longest * width) * sizeof(float);
  for (const auto* view : views) {
    if (view) {
      std::memcpy(to, view->values.bytes(), view->values.byte_size());
      std::fill_n(real, view->values.size(0), true);
    }
    to += row_bytes, real += longest;
  }
  return batch;
}

}  // namespace

std::unique_ptr<Modality> make_audio(const ConfigNode& node) {
  const auto config = read_member<AudioConfig>(node);
  const auto shape = shape_of(config);
  const auto refuse = [&](const char* key, const std::string& why) {
    const auto* at = node.find(key);
    (at ? *at : node).fail(std::string(key) + ": " + why);
  };
  const auto hertz = [](double hz) { return std::to_string(std::llround(hz)) + " Hz"; };
  if (shape.high_hz > static_cast<double>(config.rate) / 2) {
    refuse("high_hz", hertz(shape.high_hz) + " is above half the rate, " +
                          hertz(static_cast<double>(config.rate) / 2));
  }
  if (shape.low_hz >= shape.high_hz)
    refuse("low_hz", "expected less than high_hz, " + hertz(shape.high_hz));
  if (shape.coefficients > shape.bands)
    refuse("coefficients", "expected at most bands, " + std::to_string(shape.bands));
  return std::make_unique<Audio>(config);
}

ModalityMember member_audio() { return modality_member<AudioConfig>(make_audio); }

}  // namespace braid
