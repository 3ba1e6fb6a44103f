#include "braid/modality/sound/spectrogram.h"

#include <kiss_fftr.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numbers>
#include <numeric>
#include <string>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr float kFloor = 1e-10F;
constexpr double kPi = std::numbers::pi;

// Slaney's scale: 200/3 Hz a mel below 1 kHz, 27 mels for each factor of 6.4 above.
constexpr double kLinearHz = 200.0 / 3, kBreakHz = 1000, kBreakMel = kBreakHz / kLinearHz;
const double kLogStep = std::log(6.4) / 27;

double to_mel(double hz, MelScale scale) {
  if (scale == MelScale::kHtk) return 2595 * std::log10(1 + hz / 700);
  return hz < kBreakHz ? hz / kLinearHz : kBreakMel + std::log(hz / kBreakHz) / kLogStep;
}

double to_hz(double mel, MelScale scale) {
  if (scale == MelScale::kHtk) return 700 * (std::pow(10, mel / 2595) - 1);
  return mel < kBreakMel ? mel * kLinearHz : kBreakHz * std::exp((mel - kBreakMel) * kLogStep);
}

std::vector<double> corners(const SpectrogramShape& shape) {
  const double low = to_mel(shape.low_hz, shape.scale), high = to_mel(shape.high_hz, shape.scale);
  std::vector<double> hz;
  for (int64_t i = 0; i < shape.bands + 2; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(shape.bands + 1);
    hz.push_back(to_hz(low + (high - low) * share, shape.scale));
  }
  return hz;
}

}  // namespace

Spectrogram::Spectrogram(const SpectrogramShape& shape)
    : shape_(shape),
      length_(2 * static_cast<int64_t>(
                      kiss_fft_next_fast_size(static_cast<int>((shape.window + 1) / 2)))) {
  for (int64_t i = 0; i < shape.window; ++i) {
    const double turn = 2 * kPi * static_cast<double>(i) / static_cast<double>(shape.window);
    window_.push_back(static_cast<float>(0.5 - 0.5 * std::cos(turn)));
  }
  const auto hz = corners(shape);
  const double step = static_cast<double>(shape.rate) / static_cast<double>(length_);
  for (int64_t b = 0; b < shape.bands; ++b) {
    const double left = hz[b], centre = hz[b + 1], right = hz[b + 2];
    Filter filter;
    for (int64_t f = 0; f <= length_ / 2; ++f) {
      const double at = step * static_cast<double>(f);
      const double rise = (at - left) / (centre - left), fall = (right - at) / (right - centre);
      const double weight = std::min(rise, fall) * 2 / (right - left);
      if (weight <= 0) continue;
      if (filter.weights.empty()) filter.first = f;
      filter.weights.push_back(static_cast<float>(weight));
    }
    if (filter.weights.empty()) {
      throw Error(ErrorCode::kConfig, "audio: band " + std::to_string(b) + " of " +
                                          std::to_string(shape.bands) +
                                          " is narrower than the window resolves: fewer bands, or "
                                          "a longer window_ms");
    }
    filters_.push_back(std::move(filter));
  }
  for (int64_t k = 0; k < shape.coefficients; ++k) {
    const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(shape.bands));
    for (int64_t b = 0; b < shape.bands; ++b) {
      const double turn = kPi * static_cast<double>(k) * (static_cast<double>(b) + 0.5) /
                          static_cast<double>(shape.bands);
      cosines_.push_back(static_cast<float>(scale * std::cos(turn)));
    }
  }
}

int64_t Spectrogram::width() const {
  return shape_.coefficients > 0 ? shape_.coefficients : shape_.bands;
}

void Spectrogram::transform(std::span<const float> samples, std::span<float> out) const {
  const auto count = static_cast<int64_t>(samples.size());
  // A plan holds what it works on, so that each call has its own.
  const std::unique_ptr<std::remove_pointer_t<kiss_fftr_cfg>, decltype(&kiss_fftr_free)> plan(
      kiss_fftr_alloc(static_cast<int>(length_), 0, nullptr, nullptr), &kiss_fftr_free);
  std::vector<float> frame(static_cast<size_t>(length_));
  std::vector<kiss_fft_cpx> bins(static_cast<size_t>(length_ / 2 + 1));
  std::vector<float> power(bins.size()), energies(static_cast<size_t>(shape_.bands));
  const int64_t lead = (length_ - shape_.window) / 2;
  float* row = out.data();
  for (int64_t t = 0; t < frames(count); ++t, row += width()) {
    const int64_t start = t * shape_.hop - length_ / 2 + lead;
    for (int64_t i = 0; i < shape_.window; ++i) {
      const int64_t at = start + i;
      frame[static_cast<size_t>(lead + i)] =
          at < 0 || at >= count ? 0 : samples[static_cast<size_t>(at)] * window_[i];
    }
    kiss_fftr(plan.get(), frame.data(), bins.data());
    for (size_t f = 0; f < bins.size(); ++f)
      power[f] = bins[f].r * bins[f].r + bins[f].i * bins[f].i;
    if (cosines_.empty()) {
      log_bands(power, row);
    } else {
      log_bands(power, energies.data());
      cepstrum(energies, row);
    }
  }
}

void Spectrogram::log_bands(std::span<const float> power, float* out) const {
  for (size_t b = 0; b < filters_.size(); ++b) {
    const auto& filter = filters_[b];
    const float* at = power.data() + filter.first;
    float sum = 0;
    for (size_t i = 0; i < filter.weights.size(); ++i) sum += filter.weights[i] * at[i];
    out[b] = std::log(std::max(sum, kFloor));
  }
}

void Spectrogram::cepstrum(std::span<const float> logs, float* out) const {
  for (int64_t k = 0; k < shape_.coefficients; ++k) {
    const float* cosine = cosines_.data() + k * shape_.bands;
    out[k] = std::inner_product(logs.begin(), logs.end(), cosine, 0.0F);
  }
}

}  // namespace braid
