#include "braid/modality/audio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "braid/modality/sound/effects.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<Modality> audio(const std::string& keys) {
  return make_audio(ConfigNode::parse("{" + keys + "}"));
}

constexpr const char* kQuiet = "views: {gain: 0, masks: 0}";

Sample waveform(int64_t samples) {
  std::vector<float> values;
  Rng rng(5);
  for (int64_t i = 0; i < samples; ++i) {
    const double loud = i % 2000 < 1000 ? 1.0 : 0.2;
    values.push_back(
        static_cast<float>(loud * std::sin(0.05 * static_cast<double>(i)) + 0.1 * rng.normal()));
  }
  return {Array::of<float>({samples}, values), {}};
}

std::vector<float> numbers_of(const Sample& sample) {
  const auto values = sample.values.values<float>();
  return {values.begin(), values.end()};
}

TEST(Audio, ViewsHaveTheirOwnLengthUpToTheLongest) {
  const auto modality = audio("rate: 8000, seconds: 1, bands: 16");
  EXPECT_EQ(modality->facts().at("max_frames"), 101);
  EXPECT_EQ(modality->facts().at("width"), 16);
  EXPECT_EQ(modality->view(waveform(4000)).values.shape(), (std::vector<int64_t>{51, 16}));
  EXPECT_EQ(modality->view(waveform(20000)).values.shape(), (std::vector<int64_t>{101, 16}));
  EXPECT_EQ(modality->view(waveform(1)).values.shape(), (std::vector<int64_t>{1, 16}));
}

TEST(Audio, EvaluationTakesTheMiddleAndTrainingAnyPart) {
  const auto modality = audio(std::string("rate: 8000, seconds: 0.5, bands: 8, ") + kQuiet);
  const auto sound = waveform(12000);
  const auto all = sound.values.values<float>();
  const Sample middle{Array::of<float>({4000}, all.subspan(4000, 4000)), {}};
  EXPECT_EQ(numbers_of(modality->view(sound)), numbers_of(modality->view(middle)));
  Rng rng(1);
  const auto first = modality->augment(sound, rng), second = modality->augment(sound, rng);
  EXPECT_EQ(first.values.shape(), modality->view(middle).values.shape());
  EXPECT_NE(numbers_of(first), numbers_of(second));
}

TEST(Audio, AugmentingDependsOnItsChanceAlone) {
  const auto modality = audio(
      "rate: 8000, seconds: 1, views: {gain: 6, shift: 0.3, speed: 0.2, noise: 0.3, time_mask: "
      "0.3, "
      "frequency_mask: 0.3, masks: 2}");
  const auto sound = waveform(9000);
  Rng one(7), same(7), other(8);
  const auto view = numbers_of(modality->augment(sound, one));
  EXPECT_EQ(view, numbers_of(modality->augment(sound, same)));
  EXPECT_NE(view, numbers_of(modality->augment(sound, other)));
  for (const float x : view) ASSERT_TRUE(std::isfinite(x));
}

TEST(Audio, ClipsAreNormalisedSoThatLoudnessDoesNotCount) {
  const auto modality = audio("rate: 8000, bands: 16");
  auto sound = waveform(8000);
  const auto view = numbers_of(modality->view(sound));
  const double mean = std::accumulate(view.begin(), view.end(), 0.0) / std::size(view);
  EXPECT_NEAR(mean, 0, 1e-4);
  for (float& x : sound.values.mutable_values<float>()) x *= 0.25F;
  const auto softer = numbers_of(modality->view(sound));
  for (size_t i = 0; i < view.size(); ++i) ASSERT_NEAR(view[i], softer[i], 2e-3);
}

TEST(Audio, BatchesAreAsLongAsTheirLongestView) {
  const auto modality = audio("rate: 8000, seconds: 1, bands: 4");
  const auto a = modality->view(waveform(800)), b = modality->view(waveform(1600));
  const std::vector<const Sample*> views = {&a, nullptr, &b};
  const auto batch = modality->collate(views);
  EXPECT_EQ(batch.values.shape(), (std::vector<int64_t>{3, 21, 4}));
  const auto mask = batch.mask.values<bool>();
  EXPECT_EQ(std::count(mask.begin(), mask.begin() + 21, true), 11);
  EXPECT_EQ(std::count(mask.begin() + 21, mask.begin() + 42, true), 0);
  EXPECT_EQ(std::count(mask.begin() + 42, mask.end(), true), 21);
  const auto values = batch.values.values<float>();
  for (size_t i = 11 * 4; i < 2 * 21 * 4; ++i) ASSERT_EQ(values[i], 0);
}

TEST(Audio, KeysThatContradictEachOtherAreNamed) {
  const auto refused = [](const std::string& keys) { return error_of([&] { audio(keys); }); };
  EXPECT_THAT(refused("rate: 8000, high_hz: 5000"), HasSubstr("high_hz: 5000 Hz is above half"));
  EXPECT_THAT(refused("low_hz: 900, high_hz: 800"), HasSubstr("low_hz: expected less than"));
  EXPECT_THAT(refused("features: mfcc, bands: 10, coefficients: 11"),
              HasSubstr("coefficients: expected at most bands, 10"));
  EXPECT_THAT(refused("rate: 8000, bands: 400"), HasSubstr("narrower than the window"));
}

TEST(SoundEffects, AreWhatTheySay) {
  std::vector<float> x = {1, 2, 3, 4};
  turn(x, 1);
  EXPECT_THAT(x, ElementsAre(4, 1, 2, 3));
  amplify(x, 20);
  EXPECT_THAT(x, ElementsAre(40, 10, 20, 30));
  EXPECT_THAT(at_speed(std::vector<float>{0, 1, 2, 3}, 2), ElementsAre(0, 2));
  EXPECT_THAT(at_speed(std::vector<float>{0, 1}, 0.5), ElementsAre(0, 0.5F, 1, 1));
  std::vector<float> picture = {1, 2, 3, 4, 5, 6};  // [3, 2]
  blank_rows(picture, 2, 1, 1);
  EXPECT_THAT(picture, ElementsAre(1, 2, 0, 0, 5, 6));
  blank_columns(picture, 2, 0, 1);
  EXPECT_THAT(picture, ElementsAre(0, 2, 0, 0, 0, 6));
  std::vector<float> columns = {1, 5, 3, 5};
  normalise_columns(columns, 2);
  EXPECT_THAT(columns, ElementsAre(-1, 0, 1, 0));
}

TEST(SoundEffects, NoiseHasItsShareOfTheSound) {
  std::vector<float> x(20000, 0.5F);
  Rng rng(3);
  add_white_noise(x, 0.2, rng);
  double squares = 0;
  for (const float value : x) squares += (value - 0.5) * (value - 0.5);
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(x.size())), 0.1, 0.003);
}

}  // namespace
}  // namespace braid
