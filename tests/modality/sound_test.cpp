// Decoding and resampling of sounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <numbers>

#include <nlohmann/json.hpp>

#include "braid/core/file.h"
#include "braid/modality/sound/decode.h"
#include "braid/modality/sound/rate_converter.h"
#include "tests/scratch.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

void put(std::string* out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

// RIFF/WAVE of `format` (1 PCM, 3 float).
std::string wav(int format, int bits, int channels, int rate, const std::string& data) {
  std::string out = "RIFF";
  put(&out, 36 + data.size(), 4);
  out += "WAVEfmt ";
  put(&out, 16, 4), put(&out, format, 2), put(&out, channels, 2), put(&out, rate, 4);
  put(&out, rate * channels * bits / 8, 4), put(&out, channels * bits / 8, 2), put(&out, bits, 2);
  out += "data";
  put(&out, data.size(), 4);
  return out + data;
}

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::vector<float> decode(const std::string& bytes, int64_t rate, const SoundLimits& limits = {}) {
  return decode_sound(std::as_bytes(std::span(bytes)), rate, limits);
}

std::string refusal(const std::string& bytes, const SoundLimits& limits = {}) {
  return error_of([&] { decode(bytes, 8000, limits); });
}

TEST(Sound, ChannelsAreAveraged) {
  const auto bytes = wav(3, 32, 2, 8000, floats({0.5F, 0.25F, -1.0F, 0.0F}));
  EXPECT_THAT(decode(bytes, 8000), testing::ElementsAre(0.375F, -0.5F));
}

TEST(Sound, IntegersOfEveryWidthAreSharesOfTheirRange) {
  std::string s16, s24, s32, u8;
  put(&s16, 1 << 14, 2), put(&s24, 1 << 22, 3), put(&s32, 1 << 30, 4), put(&u8, 192, 1);
  for (const auto& [bits, data] : {std::pair{16, s16}, {24, s24}, {32, s32}, {8, u8}})
    EXPECT_THAT(decode(wav(1, bits, 1, 8000, data), 8000), testing::ElementsAre(0.5F)) << bits;
}

TEST(Sound, WhatIsNoSoundIsRefusedByName) {
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal("hello, I am text"), HasSubstr("expected WAV"));
  EXPECT_THAT(refusal(wav(3, 32, 1, 8000, "")), HasSubstr("no sample"));
  EXPECT_THAT(refusal(wav(3, 32, 1, 8000, floats({0, std::nanf(""), 0}))),
              HasSubstr("sample 1 is not a finite number"));
  EXPECT_THAT(refusal(wav(3, 32, 1, 8000, floats({std::numeric_limits<float>::infinity()}))),
              HasSubstr("not a finite number"));
}

TEST(Sound, LimitsHoldWhateverTheHeaderClaims) {
  const auto second = wav(3, 32, 1, 8000, floats(std::vector<float>(8000)));
  EXPECT_THAT(refusal(second, {.max_seconds = 0.5}), HasSubstr("longer than 0.5 s"));
  EXPECT_THAT(refusal(second, {.max_bytes = 100}), HasSubstr("at most 100"));
  auto huge = second;
  std::memcpy(huge.data() + 40, "\xff\xff\xff\xff", 4);  // of the data chunk
  EXPECT_THAT(refusal(huge), HasSubstr("chunk 'data' claims 4294967295 bytes"));
  std::memcpy(huge.data() + 4, "\xff\xff\xff\xff", 4);  // as one writes into a pipe
  EXPECT_EQ(decode(huge, 8000).size(), 8000u);
  EXPECT_THAT(refusal(second.substr(0, 1000)), HasSubstr("cut off"));
  EXPECT_THAT(refusal(second + "x"), HasSubstr("1 stray bytes"));
}

std::vector<float> tone(double hz, int64_t rate, int64_t count) {
  std::vector<float> samples;
  for (int64_t i = 0; i < count; ++i) {
    samples.push_back(static_cast<float>(
        std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / static_cast<double>(rate))));
  }
  return samples;
}

TEST(RateConverter, AToneStaysItselfAndWhatTheRateCannotHoldGoes) {
  const auto samples = tone(440, 44100, 44100);
  RateConverter down(44100, 16000);
  for (size_t i = 0; i < samples.size(); i += 1000)  // blocks of odd sizes join without a seam
    down.push({samples.data() + i, std::min<size_t>(1000, samples.size() - i)});
  const auto got = down.finish(), want = tone(440, 16000, 16000);
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 500; i < 15500; ++i) ASSERT_NEAR(got[i], want[i], 1e-3) << i;

  RateConverter quiet(44100, 16000);
  quiet.push(tone(12000, 44100, 44100));
  const auto rest = quiet.finish();
  for (size_t i = 500; i < 15500; ++i) ASSERT_LT(std::abs(rest[i]), 1e-3) << i;
}

TEST(RateConverter, LengthsAreRoundedUp) {
  for (const auto& [from, to, in, out] : {std::tuple{8000, 16000, 1, 2},
                                          {16000, 8000, 3, 2},
                                          {44100, 8000, 1, 1},
                                          {8000, 8000, 7, 7}}) {
    RateConverter converter(from, to);
    converter.push(std::vector<float>(static_cast<size_t>(in), 0.5F));
    EXPECT_EQ(std::ssize(converter.finish()), out) << from << " " << to;
  }
}

TEST(SoundData, EveryGoodFileIsReadAlikeAndEveryBadOneRefused) {
  const char* data = std::getenv("BRAID_DATA");
  const fs::path folder = fs::path(data ? data : BRAID_SOURCE_DIR "/../shared/data") / "bad_inputs";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there";
  const auto whole = decode(read_text(folder / "audio_ok/digit7.wav"), 8000);
  int good = 0, bad = 0;
  for (const auto& entry : fs::directory_iterator(folder / "audio_ok")) {
    const auto samples = decode(read_text(entry.path()), 8000);
    ++good;
    if (!entry.path().filename().string().starts_with("digit7")) continue;
    EXPECT_NEAR(static_cast<double>(samples.size()), static_cast<double>(whole.size()), 1600)
        << entry.path();  // MP3 pads
  }
  for (const auto& entry : fs::directory_iterator(folder / "audio_bad")) {
    const auto problem = refusal(read_text(entry.path()));
    EXPECT_NE(problem, "") << entry.path();
    EXPECT_LT(problem.size(), 300u) << problem;
    ++bad;
  }
  EXPECT_GE(good, 14);
  EXPECT_GE(bad, 10);
}

}  // namespace
}  // namespace braid
