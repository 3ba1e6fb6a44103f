// Sound as a picture: energies of mel bands over time, or cepstral coefficients of them.
//
//   frame t: samples centred on t * hop, zeros beyond the ends, times a periodic Hann window,
//   padded with zeros on both sides to the length of the transform
//   power[t, f] = |DFT|^2,  mel[t, b] = sum over f of power[t, f] filter[b, f]
//   log_mel = ln(max(mel, 1e-10)),  mfcc = DCT-II (orthonormal) of log_mel over its bands
//
// Filters are triangles of equal area (Slaney 1998) whose corners are spaced evenly on a mel scale:
// Slaney's (linear below 1 kHz) or HTK's (2595 log10(1 + f / 700)).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace braid {

enum class MelScale { kSlaney, kHtk };
inline std::span<const char* const> enum_names(MelScale*) {
  static constexpr std::array<const char*, 2> kNames = {"slaney", "htk"};
  return kNames;
}

struct SpectrogramShape {
  int64_t rate = 16000;  // Hz
  int64_t window = 400;  // samples
  int64_t hop = 160;     // samples
  int64_t bands = 64;    // of the mel scale
  double low_hz = 0;
  double high_hz = 8000;  // at most rate / 2
  MelScale scale = MelScale::kSlaney;
  int64_t coefficients = 0;  // MFCC kept; 0: the log energies of the bands themselves
};

// Many threads.
class Spectrogram {
 public:
  // Throws Error(kConfig) for bands so narrow that one has no frequency of the transform.
  explicit Spectrogram(const SpectrogramShape& shape);

  int64_t width() const;  // F, bands or coefficients
  int64_t frames(int64_t samples) const { return 1 + samples / shape_.hop; }  // T

  // [T, F] into `out`.
  void transform(std::span<const float> samples, std::span<float> out) const;

 private:
  // Its weights that are not 0, from frequency `first` on.
  struct Filter {
    int64_t first = 0;
    std::vector<float> weights;
  };

  void log_bands(std::span<const float> power, float* out) const;
  void cepstrum(std::span<const float> logs, float* out) const;

  SpectrogramShape shape_;
  int64_t length_;  // of the transform: the window, rounded up to what it takes quickly
  std::vector<float> window_;
  std::vector<Filter> filters_;
  std::vector<float> cosines_;  // [coefficients, bands]
};

}  // namespace braid
