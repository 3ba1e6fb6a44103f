// Every picture format against what Pillow decodes, and against its limits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/modality/picture/decode.h"
#include "golden.h"

namespace braid {
namespace {

std::filesystem::path formats() { return std::string(BRAID_SOURCE_DIR) + "/tests/golden/formats"; }

std::string hex(std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) out += {kDigits[byte >> 4], kDigits[byte & 15]};
  return out;
}

// Largest difference of a sample; transparent pixels have no colour to compare.
int worst_difference(const Picture& picture, const std::string& wanted) {
  int worst = 0;
  for (size_t i = 0; i < picture.data.size(); ++i) {
    const size_t pixel = i / static_cast<size_t>(picture.channels) * 4;
    if (picture.channels == 4 && i % 4 < 3 && picture.data[pixel + 3] < 16) continue;
    const int want = std::stoi(wanted.substr(2 * i, 2), nullptr, 16);
    worst = std::max(worst, std::abs(want - picture.data[i]));
  }
  return worst;
}

// Why the bytes are refused, "decoded" if they are not.
std::string refused(std::span<const std::byte> bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(bytes, options);
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ErrorCode::kInput || error.code() == ErrorCode::kLimit);
    return error.what();
  }
  return "decoded";
}

TEST(Formats, EqualPillow) {
  for (const auto& golden : read_golden("formats.json")) {
    const std::string file = golden["file"], wanted = golden["data"];
    const auto picture = decode_image(read_file(formats() / file));
    EXPECT_EQ(picture.width, golden["width"]) << file;
    EXPECT_EQ(picture.height, golden["height"]) << file;
    ASSERT_EQ(picture.channels, golden["channels"]) << file;
    ASSERT_EQ(2 * picture.data.size(), wanted.size()) << file;
    EXPECT_LE(worst_difference(picture, wanted), golden["worst"]) << file << hex(picture.data);
  }
}

TEST(Formats, AreToldByContent) {
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(formats())) {
    const auto bytes = read_file(entry.path());
    EXPECT_EQ(refused(bytes), "decoded") << entry.path();
    ++seen;
  }
  EXPECT_GE(seen, 37);
}

TEST(Formats, CheckTheLimitBeforeTheyAllocate) {
  for (const auto& entry : std::filesystem::directory_iterator(formats())) {
    const auto bytes = read_file(entry.path());
    const auto whole = decode_image(bytes);
    const int64_t less = whole.width * whole.height - 1;
    const auto reason = refused(bytes, {.max_pixels = less});
    EXPECT_NE(reason.find("over the limit of " + std::to_string(less)), std::string::npos)
        << entry.path() << reason;
  }
}

// Only ends that carry no pixels may be missing: padding, trailers, frames behind the first.
TEST(Formats, NeverGiveHalfAPicture) {
  for (const auto& entry : std::filesystem::directory_iterator(formats())) {
    // A number in text that lost its last digit is a number.
    if (entry.path().filename().string().starts_with("plain_")) continue;
    const auto bytes = read_file(entry.path());
    const auto whole = decode_image(bytes);
    for (size_t keep = 0; keep < bytes.size(); ++keep) {
      try {
        const auto cut = decode_image(std::span(bytes).first(keep));
        EXPECT_EQ(cut.data, whole.data) << entry.path() << " cut at " << keep;
      } catch (const Error&) {
      }
    }
  }
}

TEST(Formats, SurviveRandomDamage) {
  Rng rng(7);
  for (const auto& entry : std::filesystem::directory_iterator(formats())) {
    const auto whole = read_file(entry.path());
    for (int round = 0; round < 100; ++round) {
      auto bytes = whole;
      for (int64_t i = rng.below(4); i >= 0; --i) {
        bytes[static_cast<size_t>(rng.below(static_cast<int64_t>(bytes.size())))] =
            static_cast<std::byte>(rng.below(256));
      }
      refused(bytes, {.max_pixels = 1 << 16});
    }
  }
}

TEST(Formats, ReadEveryLegalBmp) {
  const char* root = std::getenv("BRAID_DATA");
  const auto folder =
      std::filesystem::path(root ? root : BRAID_SOURCE_DIR "/../shared/data") / "bad_inputs/bmp_ok";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  const auto flat = [&](const std::string& name) {
    return flatten(decode_image(read_file(folder / name)), {255, 255, 255}).data;
  };
  // Files that Pillow refuses show what files do that it reads, coarser where they have fewer bits.
  const auto squares = flat("Info_R8_G8_B8_Top_Down.bmp");
  for (const auto* name : {"V3_X4_R4_G4_B4.bmp", "V3_X4_R4_G4_B4_Top_Down.bmp"}) {
    EXPECT_EQ(flat(name), squares) << name;
  }
  const auto scene = flat("rgb24.bmp");
  EXPECT_EQ(flat("rgb32bf.bmp"), scene);
  const auto deep = flat("rgb32-111110.bmp");  // 11 bits, rounded down
  ASSERT_EQ(deep.size(), scene.size());
  for (size_t i = 0; i < deep.size(); ++i) ASSERT_NEAR(deep[i], scene[i], 1) << i;
  EXPECT_EQ(decode_image(read_file(folder / "V5_A1_R5_G5_B5.bmp")).channels, 4);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(refused(read_file(entry.path())), "decoded") << entry.path();
  }
}

}  // namespace
}  // namespace braid
