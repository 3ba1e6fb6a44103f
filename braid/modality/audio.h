// Sounds of the common formats (sound/decode.h) as log-mel or cepstral pictures
// (sound/spectrogram.h).
//
// prepare keeps the waveform [N] f32 at the recipe's rate. Views are [T, F] f32 with a mask [T]: a
// longer sound is cut to `seconds` (training: anywhere; evaluation: the middle), a shorter one
// keeps its length. Batches are as long as their longest view.
#pragma once

#include <memory>

#include "braid/core/config.h"
#include "braid/modality/modality.h"
#include "braid/modality/sound/spectrogram.h"

namespace braid {

enum class AudioFeatures { kLogMel, kMfcc };
inline std::span<const char* const> enum_names(AudioFeatures*) {
  static constexpr std::array<const char*, 2> kNames = {"log_mel", "mfcc"};
  return kNames;
}

enum class AudioScaling { kClip, kBand, kNone };
inline std::span<const char* const> enum_names(AudioScaling*) {
  static constexpr std::array<const char*, 3> kNames = {"clip", "band", "none"};
  return kNames;
}

// Random changes of training views, in the order they are made; off at 0.
struct AudioViewConfig {
  double gain = 6;
  double shift = 0;
  double speed = 0;
  double noise = 0;
  double time_mask = 0.1;
  double frequency_mask = 0.1;
  int64_t masks = 1;
};

template <class Field>
void visit(Field&& field, AudioViewConfig& c) {
  field("gain", c.gain, closed(0.0, 60.0), "louder or softer by up to so many dB");
  field("shift", c.shift, closed(0.0, 1.0),
        "turned by up to this share of the sound, its end to its front, both ways");
  field("speed", c.speed, closed(0.0, 0.5),
        "faster or slower by up to this share, pitch with it, both ways");
  field("noise", c.noise, closed(0.0, 10.0),
        "standard deviation of added white noise, up to, as a share of the sound's own");
  field("time_mask", c.time_mask, closed(0.0, 1.0),
        "longest stretch of frames that is blanked, as a share of them");
  field("frequency_mask", c.frequency_mask, closed(0.0, 1.0),
        "widest stretch of bands that is blanked, as a share of them");
  field("masks", c.masks, closed<int64_t>(0, 16), "blanked stretches of each kind");
}

struct AudioConfig {
  int64_t rate = 16000;
  double seconds = 10;
  AudioFeatures features = AudioFeatures::kLogMel;
  int64_t bands = 64;
  int64_t coefficients = 20;
  double window_ms = 25;
  double hop_ms = 10;
  double low_hz = 0;
  double high_hz = 0;
  MelScale scale = MelScale::kSlaney;
  AudioScaling normalise = AudioScaling::kClip;
  int64_t max_bytes = int64_t{64} << 20;
  double max_seconds = 600;
  AudioViewConfig views;
};

template <class Field>
void visit(Field&& field, AudioConfig& c) {
  field("rate", c.rate, closed<int64_t>(1000, 192000), "samples a second; sounds are resampled");
  field("seconds", c.seconds, closed(0.05, 600.0), "longest view; longer sounds are cut");
  field("features", c.features, "energies of mel bands, or cepstral coefficients of them");
  field("bands", c.bands, closed<int64_t>(1, 512), "mel bands");
  field("coefficients", c.coefficients, closed<int64_t>(1, 512), "kept of mfcc, at most bands");
  field("window_ms", c.window_ms, closed(1.0, 1000.0), "length of a frame");
  field("hop_ms", c.hop_ms, closed(0.5, 1000.0), "from one frame to the next");
  field("low_hz", c.low_hz, closed(0.0, 96000.0), "lower edge of the first band");
  field("high_hz", c.high_hz, closed(0.0, 96000.0), "upper edge of the last band (0: rate / 2)");
  field("scale", c.scale, "mel scale that spaces the bands");
  field("normalise", c.normalise,
        "to mean 0, deviation 1: the whole clip, each band of it, or nothing");
  field("max_bytes", c.max_bytes, closed<int64_t>(1, int64_t{1} << 32), "larger files are refused");
  field("max_seconds", c.max_seconds, closed(0.05, 36000.0), "longer sounds are refused");
  field("views", c.views, "random changes of training views");
}

// Facts: width (F), max_frames (T of the longest view).
std::unique_ptr<Modality> make_audio(const ConfigNode& node);

}  // namespace braid
