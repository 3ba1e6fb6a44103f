#include "braid/modality/sound/effects.h"

#include <algorithm>
#include <cmath>

namespace braid {
namespace {

constexpr double kLeastDeviation = 1e-5;

// Every `step`-th value from the first.
void normalise_strided(std::span<float> values, size_t first, size_t step) {
  double sum = 0, squares = 0;
  size_t count = 0;
  for (size_t i = first; i < values.size(); i += step, ++count) {
    sum += values[i];
    squares += static_cast<double>(values[i]) * values[i];
  }
  if (count == 0) return;
  const double mean = sum / static_cast<double>(count);
  const double variance = squares / static_cast<double>(count) - mean * mean;
  const double scale = 1 / std::max(std::sqrt(std::max(variance, 0.0)), kLeastDeviation);
  for (size_t i = first; i < values.size(); i += step)
    values[i] = static_cast<float>((values[i] - mean) * scale);
}

}  // namespace

std::span<const float> cut(std::span<const float> samples, int64_t first, int64_t length) {
  const auto count = static_cast<int64_t>(samples.size());
  if (length >= count) return samples;
  return samples.subspan(static_cast<size_t>(first), static_cast<size_t>(length));
}

void amplify(std::span<float> samples, double decibel) {
  const auto factor = static_cast<float>(std::pow(10, decibel / 20));
  for (auto& x : samples) x *= factor;
}

void turn(std::span<float> samples, int64_t by) {
  std::rotate(samples.begin(), samples.end() - by, samples.end());
}

std::vector<float> at_speed(std::span<const float> samples, double factor) {
  const auto count = static_cast<int64_t>(samples.size());
  const auto length = std::max<int64_t>(1, std::llround(static_cast<double>(count) / factor));
  std::vector<float> out(static_cast<size_t>(length));
  for (int64_t i = 0; i < length; ++i) {
    const double at = std::min(static_cast<double>(i) * factor, static_cast<double>(count - 1));
    const auto before = static_cast<size_t>(at);
    const size_t after = std::min(before + 1, samples.size() - 1);
    const auto share = static_cast<float>(at - static_cast<double>(before));
    out[static_cast<size_t>(i)] = samples[before] + share * (samples[after] - samples[before]);
  }
  return out;
}

void add_white_noise(std::span<float> samples, double share, Rng& rng) {
  double squares = 0;
  for (const float x : samples) squares += static_cast<double>(x) * x;
  const double deviation = share * std::sqrt(squares / static_cast<double>(samples.size()));
  for (auto& x : samples) x += static_cast<float>(deviation * rng.normal());
}

void blank_rows(std::span<float> picture, int64_t width, int64_t begin, int64_t length) {
  std::fill_n(picture.begin() + begin * width, length * width, 0.0F);
}

void blank_columns(std::span<float> picture, int64_t width, int64_t begin, int64_t length) {
  for (size_t row = 0; row < picture.size(); row += static_cast<size_t>(width))
    std::fill_n(picture.begin() + static_cast<int64_t>(row) + begin, length, 0.0F);
}

void normalise_all(std::span<float> picture) { normalise_strided(picture, 0, 1); }

void normalise_columns(std::span<float> picture, int64_t width) {
  for (int64_t column = 0; column < width; ++column)
    normalise_strided(picture, static_cast<size_t>(column), static_cast<size_t>(width));
}

}  // namespace braid
