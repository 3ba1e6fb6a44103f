#include "braid/modality/sound/spectrogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "golden.h"
#include "tests/scratch.h"

namespace braid {
namespace {

// As tests/golden/make_audio.py makes it.
std::vector<float> rising_tone() {
  std::vector<float> samples;
  for (int i = 0; i < 1700; ++i) {
    const double t = i / 16000.0, at = (i + 1) * 0.6180339887498949;
    samples.push_back(
        static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * (200 * t + 20000 * t * t)) +
                           0.1 * (2 * (at - std::floor(at)) - 1)));
  }
  return samples;
}

TEST(Spectrogram, EqualsAnIndependentImplementation) {
  const auto golden = read_golden("audio.json");
  ASSERT_EQ(golden.size(), 3u);
  for (const auto& one : golden) {
    SpectrogramShape shape;
    shape.bands = one["bands"], shape.low_hz = one["low_hz"], shape.high_hz = one["high_hz"];
    shape.scale = one["scale"] == "htk" ? MelScale::kHtk : MelScale::kSlaney;
    shape.coefficients = one["coefficients"];
    const Spectrogram spectrogram(shape);
    const auto samples = rising_tone();
    const int64_t frames = spectrogram.frames(std::ssize(samples));
    ASSERT_EQ(frames, one["frames"].get<int64_t>());
    std::vector<float> values(static_cast<size_t>(frames * spectrogram.width()));
    spectrogram.transform(samples, values);
    ASSERT_EQ(values.size(), one["values"].size());
    for (size_t i = 0; i < values.size(); ++i)
      EXPECT_NEAR(values[i], one["values"][i].get<double>(), 2e-3) << one["scale"] << " " << i;
  }
}

TEST(Spectrogram, SilenceIsTheFloorAndOneSampleOneFrame) {
  const Spectrogram spectrogram({.bands = 8});
  EXPECT_EQ(spectrogram.frames(1), 1);
  std::vector<float> values(8);
  spectrogram.transform(std::vector<float>{0.0F}, values);
  for (const float value : values) EXPECT_FLOAT_EQ(value, std::log(1e-10F));
}

// A tone of f Hz is loudest in the band whose triangle is highest there.
TEST(Spectrogram, ATonesEnergyLiesInItsBand) {
  const Spectrogram spectrogram({.bands = 40, .scale = MelScale::kHtk});
  std::vector<float> tone(8000);
  for (size_t i = 0; i < tone.size(); ++i)
    tone[i] =
        std::sin(static_cast<float>(2 * std::numbers::pi * 1000 * static_cast<double>(i) / 16000));
  std::vector<float> values(static_cast<size_t>(spectrogram.frames(8000) * 40));
  spectrogram.transform(tone, values);
  const auto* middle = values.data() + 25 * 40;
  const auto loudest = std::max_element(middle, middle + 40) - middle;
  const double mel_1000 = 2595 * std::log10(1 + 1000 / 700.0);
  const double mel_top = 2595 * std::log10(1 + 8000 / 700.0);
  EXPECT_NEAR(static_cast<double>(loudest + 1), mel_1000 / mel_top * 41, 0.6);
}

TEST(Spectrogram, BandsWithoutAFrequencyAreRefused) {
  EXPECT_NE(error_of([] { Spectrogram({.bands = 400}); }).find("narrower than the window"),
            std::string::npos);
}

}  // namespace
}  // namespace braid
