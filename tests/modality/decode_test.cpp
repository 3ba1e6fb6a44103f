#include "braid/modality/picture/decode.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <string>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/modality/picture/encode.h"
#include "braid/modality/picture/thumbnail.h"
#include "golden.h"

namespace braid {
namespace {

std::filesystem::path bad_inputs() {
  const char* root = std::getenv("BRAID_DATA");
  return std::filesystem::path(root ? root : BRAID_SOURCE_DIR "/../shared/data") / "bad_inputs";
}

// A smooth picture: JPEG keeps it nearly.
Picture ramp(int64_t width, int64_t height, int64_t channels) {
  auto picture = blank_picture(width, height, channels);
  for (int64_t i = 0; i < width * height; ++i) {
    for (int64_t c = 0; c < channels; ++c) {
      picture.data[i * channels + c] =
          static_cast<uint8_t>(40 + 3 * (i % width) + 2 * c * (i / width));
    }
  }
  return picture;
}

struct Failure {
  ErrorCode code = ErrorCode::kInternal;
  std::string message = "decoded";
};

Failure failure(std::span<const std::byte> bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(bytes, options);
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

uint32_t crc32(std::string_view text) {
  uint32_t crc = ~0u;
  for (const unsigned char c : text) {
    crc ^= c;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

std::string big_endian(uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

// A TIFF block with one entry, tag 0x0112.
std::string exif(int orientation, bool little) {
  const auto u16 = [&](int v) {
    const std::string both{static_cast<char>(v >> 8), static_cast<char>(v)};
    return little ? std::string(both.rbegin(), both.rend()) : both;
  };
  const auto u32 = [&](int v) { return little ? u16(v) + u16(0) : u16(0) + u16(v); };
  return (little ? "II" : "MM") + u16(42) + u32(8) + u16(1) + u16(0x0112) + u16(3) + u32(1) +
         u16(orientation) + u16(0) + u32(0);
}

std::string png_with_exif(const Picture& picture, const std::string& tiff) {
  std::string png(as_text(encode_png(picture)));
  const std::string body = "eXIf" + tiff;
  png.insert(33, big_endian(static_cast<uint32_t>(tiff.size())) + body + big_endian(crc32(body)));
  return png;
}

std::string jpeg_with_exif(const Picture& picture, const std::string& tiff) {
  std::string jpeg(as_text(encode_jpeg(picture, 100)));
  const auto size = static_cast<int>(tiff.size() + 8);
  return jpeg.insert(
      2, std::string{'\xff', '\xe1', static_cast<char>(size >> 8), static_cast<char>(size)} +
             std::string("Exif\0\0", 6) + tiff);
}

TEST(Decode, EqualsPillowOnEveryValidFile) {
  const auto root = bad_inputs();
  if (!std::filesystem::exists(root)) GTEST_SKIP() << root << " is not there";
  for (const auto& golden : read_golden("pictures.json")) {
    const auto picture = decode_image(read_file(root / golden["file"].get<std::string>()));
    EXPECT_EQ(picture.width, golden["width"]) << golden;
    EXPECT_EQ(picture.height, golden["height"]) << golden;
    EXPECT_EQ(picture.channels, golden["channels"]) << golden;
    EXPECT_EQ(fnv(picture.data), golden["fnv"].get<std::string>()) << golden;
  }
}

TEST(Decode, RoundTripsPngExactly) {
  for (const int64_t channels : {3, 4}) {
    const auto picture = ramp(21, 13, channels);
    const auto back = decode_image(encode_png(picture));
    EXPECT_EQ(back.channels, channels);
    EXPECT_EQ(back.data, picture.data);
  }
}

TEST(Decode, DropsAlphaThatHidesNothing) {
  auto picture = ramp(4, 3, 4);
  for (size_t i = 3; i < picture.data.size(); i += 4) picture.data[i] = 255;
  const auto back = decode_image(encode_png(picture));
  ASSERT_EQ(back.channels, 3);
  EXPECT_EQ(back.data[3], picture.data[4]);
}

TEST(Decode, RoundTripsJpegNearly) {
  const auto picture = ramp(40, 24, 3);
  const auto back = decode_image(encode_jpeg(picture, 100));
  ASSERT_EQ(back.data.size(), picture.data.size());
  int worst = 0;
  for (size_t i = 0; i < back.data.size(); ++i)
    worst = std::max(worst, std::abs(back.data[i] - picture.data[i]));
  EXPECT_LE(worst, 8);  // chroma is halved, rounding through YCbCr costs 2 more
}

TEST(Decode, TurnsAsTheOrientationSays) {
  // a b c
  // d e f   as the file stores it; the rest by the EXIF 2.3 table of where row 0 and column 0
  // belong.
  auto picture = blank_picture(3, 2, 3);
  for (size_t i = 0; i < 18; ++i) picture.data[i] = static_cast<uint8_t>('a' + i / 3);
  const std::array<std::string, 8> wanted = {"abcdef", "cbafed", "fedcba", "defabc",
                                             "adbecf", "daebfc", "fcebda", "cfbead"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool little : {true, false}) {
      const auto turned = decode_image(as_bytes(png_with_exif(picture, exif(orientation, little))));
      std::string seen;
      for (size_t i = 0; i < turned.data.size(); i += 3) seen += static_cast<char>(turned.data[i]);
      EXPECT_EQ(seen, wanted[orientation - 1]) << orientation;
      EXPECT_EQ(turned.width, orientation < 5 ? 3 : 2);
    }
  }
}

TEST(Decode, TurnsJpegToo) {
  const auto jpeg = jpeg_with_exif(ramp(24, 16, 3), exif(6, false));
  const auto turned = decode_image(as_bytes(jpeg));
  EXPECT_EQ(turned.width, 16);
  EXPECT_EQ(turned.height, 24);
  EXPECT_GT(turned.data[turned.data.size() - 3], turned.data[0] + 50);  // columns became rows
}

TEST(Decode, ReducesATurnedJpegAfterTurning) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto jpeg = jpeg_with_exif(ramp(48, 31, 3), exif(orientation, false));
    const Size size = orientation < 5 ? Size{17, 11} : Size{11, 17};
    const auto reduced = decode_image(as_bytes(jpeg), {.reduce_to = 11});
    EXPECT_EQ(reduced.data, resize(decode_image(as_bytes(jpeg)), size).data) << orientation;
  }
}

TEST(Decode, IgnoresBrokenExif) {
  const auto picture = ramp(3, 2, 3);
  for (const std::string& tiff : {exif(9, true), exif(0, true), exif(6, true).substr(0, 15),
                                  std::string("II*\0\xff\xff\xff\xff\0\0\0\0\0\0", 14)}) {
    EXPECT_EQ(decode_image(as_bytes(png_with_exif(picture, tiff))).data, picture.data);
  }
}

TEST(Decode, RefusesWhatIsOverTheLimitsBeforeDecoding) {
  for (const auto& bytes : {encode_png(ramp(50, 40, 3)), encode_jpeg(ramp(50, 40, 3))}) {
    EXPECT_EQ(failure(bytes, {.max_pixels = 2000}).message, "decoded");
    const auto large = failure(bytes, {.max_pixels = 1999});
    EXPECT_EQ(large.code, ErrorCode::kLimit);
    EXPECT_NE(large.message.find("50 x 40"), std::string::npos) << large.message;
    EXPECT_EQ(failure(bytes, {.max_bytes = bytes.size() - 1}).code, ErrorCode::kLimit);
  }
}

TEST(Decode, NamesTheFormatItRefuses) {
  const std::string heic(
      "\0\0\0\x18"
      "ftypheic",
      12);
  EXPECT_NE(failure(as_bytes(heic)).message.find("HEIC pictures are not supported: expected JPEG"),
            std::string::npos);
  EXPECT_NE(failure(as_bytes("hello")).message.find("68 65 6c 6c 6f"), std::string::npos);
  EXPECT_NE(failure({}).message.find("empty"), std::string::npos);
}

TEST(Decode, NeverGivesHalfAPicture) {
  for (const auto& bytes : {encode_png(ramp(50, 40, 3)), encode_jpeg(ramp(50, 40, 3))}) {
    for (size_t keep = 0; keep < bytes.size(); ++keep) {
      // Cut inside its very last marker a JPEG still has all its pixels, but we cannot know.
      EXPECT_EQ(failure(std::span(bytes).first(keep)).code, ErrorCode::kInput) << keep;
    }
  }
}

TEST(Decode, SurvivesRandomDamage) {
  Rng rng(5);
  for (const auto& whole : {encode_png(ramp(30, 20, 4)), encode_jpeg(ramp(30, 20, 3))}) {
    for (int round = 0; round < 2000; ++round) {
      auto bytes = whole;
      const int64_t flips = 1 + rng.below(4);
      for (int64_t i = 0; i < flips; ++i) {
        bytes[rng.below(static_cast<int64_t>(bytes.size()))] =
            static_cast<std::byte>(rng.below(256));
      }
      if (rng.chance(0.3))
        bytes.resize(static_cast<size_t>(rng.below(static_cast<int64_t>(bytes.size()))));
      const auto result = failure(bytes, {.max_pixels = 1 << 20});
      EXPECT_TRUE(result.message == "decoded" || result.code == ErrorCode::kInput ||
                  result.code == ErrorCode::kLimit)
          << result.message;
    }
  }
}

TEST(Thumbnail, BoundsTheLongSideAndKeepsAlpha) {
  const auto photo = make_thumbnail(encode_jpeg(ramp(64, 48, 3)), 32);
  EXPECT_EQ(photo.mime, "image/jpeg");
  EXPECT_EQ(decode_image(photo.bytes).width, 32);
  EXPECT_EQ(decode_image(photo.bytes).height, 24);
  const auto icon = make_thumbnail(encode_png(ramp(10, 40, 4)), 20);
  EXPECT_EQ(icon.mime, "image/png");
  EXPECT_EQ(decode_image(icon.bytes).width, 5);
  EXPECT_EQ(decode_image(icon.bytes).channels, 4);
  const auto small = make_thumbnail(encode_png(ramp(10, 40, 4)), 100);
  EXPECT_EQ(decode_image(small.bytes).data, ramp(10, 40, 4).data);
  EXPECT_THROW(make_thumbnail(as_bytes("x"), 20), Error);
}

TEST(Encode, RefusesAlphaInJpeg) { EXPECT_THROW(encode_jpeg(ramp(4, 4, 4)), Error); }

TEST(Picture, FlattensOverTheBackground) {
  const Picture picture{3, 1, 4, {10, 20, 30, 0, 10, 20, 30, 255, 0, 100, 200, 51}};
  const auto flat = flatten(picture, {250, 0, 5});
  // The last: a fifth of the picture, four fifths of the background.
  EXPECT_EQ(flat.data, (std::vector<uint8_t>{250, 0, 5, 10, 20, 30, 200, 20, 44}));
}

}  // namespace
}  // namespace braid
