#include "braid/data/degrade_value.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace braid {
namespace {

struct Statistics3 {
  std::array<double, 3> mean{};
  double power = 0;  // variance about the channels' means, averaged over them
};

Statistics3 statistics_of(const Picture& picture) {
  Statistics3 all;
  const auto pixels = static_cast<double>(picture.width * picture.height);
  std::array<double, 3> squares{};
  for (size_t at = 0; at < picture.data.size(); at += static_cast<size_t>(picture.channels)) {
    for (size_t c = 0; c < 3; ++c) {
      all.mean[c] += picture.data[at + c] / pixels;
      squares[c] += static_cast<double>(picture.data[at + c]) * picture.data[at + c] / pixels;
    }
  }
  for (size_t c = 0; c < 3; ++c) all.power += (squares[c] - all.mean[c] * all.mean[c]) / 3;
  return all;
}

double deviation(double power, double noise_db) {
  return std::sqrt(std::max(power, 0.0) * std::pow(10, -noise_db / 10));
}

uint8_t to_byte(double value) {
  return static_cast<uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

int64_t rounded(double value, int64_t most) {
  return std::clamp<int64_t>(std::llround(value), 1, most);
}

void erase_rectangle(Picture& picture, double share, const std::array<double, 3>& colour,
                     Rng& rng) {
  const double area = share * static_cast<double>(picture.width * picture.height);
  const double shape = std::exp2(rng.uniform(-1, 1));  // height over width
  int64_t height = rounded(std::sqrt(area * shape), picture.height);
  const int64_t width = rounded(area / static_cast<double>(height), picture.width);
  if (width == picture.width) height = rounded(area / static_cast<double>(width), picture.height);
  const int64_t top = rng.below(picture.height - height + 1);
  const int64_t left = rng.below(picture.width - width + 1);
  for (int64_t y = top; y < top + height; ++y) {
    for (int64_t x = left; x < left + width; ++x) {
      auto* pixel = &picture.data[static_cast<size_t>((y * picture.width + x) * picture.channels)];
      for (size_t c = 0; c < 3; ++c) pixel[c] = to_byte(colour[c]);
    }
  }
}

}  // namespace

void degrade(Picture& picture, const Degradation& by, Rng& rng) {
  const auto before = statistics_of(picture);
  if (by.erase > 0) erase_rectangle(picture, by.erase, before.mean, rng);
  if (!by.noise_db) return;
  const double sigma = deviation(before.power, *by.noise_db);
  for (size_t at = 0; at < picture.data.size(); at += static_cast<size_t>(picture.channels)) {
    const double noise = sigma * rng.normal();
    for (size_t c = 0; c < 3; ++c) picture.data[at + c] = to_byte(picture.data[at + c] + noise);
  }
}

void degrade(std::vector<float>& sound, const Degradation& by, Rng& rng) {
  double power = 0;
  for (const float sample : sound)
    power += static_cast<double>(sample) * sample / static_cast<double>(sound.size());
  const auto length = static_cast<int64_t>(sound.size());
  if (by.erase > 0 && length > 0) {
    const int64_t lost = rounded(by.erase * static_cast<double>(length), length);
    std::fill_n(sound.begin() + rng.below(length - lost + 1), lost, 0.0f);
  }
  if (!by.noise_db) return;
  const double sigma = deviation(power, *by.noise_db);
  float peak = 1;
  for (float& sample : sound) {
    sample += static_cast<float>(sigma * rng.normal());
    peak = std::max(peak, std::abs(sample));
  }
  for (float& sample : sound) sample /= peak;
}

}  // namespace braid
