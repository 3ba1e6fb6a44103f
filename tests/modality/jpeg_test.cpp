// Variants of JPEG that encode_jpeg does not write, made with libjpeg.
#include <gtest/gtest.h>

#include <cstdio>

#include <jpeglib.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/modality/picture/decode.h"
#include "braid/modality/picture/encode.h"

namespace braid {
namespace {

using Adjust = std::function<void(jpeg_compress_struct&)>;

struct Raw {
  int side;
  int components;
  J_COLOR_SPACE space;
  std::vector<uint8_t> samples;
};

// Quality 100, no colour at half resolution.
std::string compressed(Raw raw, const Adjust& adjust = {}) {
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &out, &size);
  jpeg.image_width = jpeg.image_height = static_cast<JDIMENSION>(raw.side);
  jpeg.input_components = raw.components;
  jpeg.in_color_space = raw.space;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
  if (adjust) adjust(jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row = raw.samples.data() + jpeg.next_scanline * raw.side * raw.components;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string bytes(reinterpret_cast<const char*>(out), size);
  jpeg_destroy_compress(&jpeg);
  std::free(out);
  return bytes;
}

Raw colours(int side) {
  Raw raw{side, 3, JCS_RGB, {}};
  for (int i = 0; i < side * side; ++i) {
    for (int c = 0; c < 3; ++c) {
      raw.samples.push_back(static_cast<uint8_t>(40 + 3 * (i % side) + 2 * c * (i / side)));
    }
  }
  return raw;
}

Picture decoded(const std::string& jpeg) { return decode_image(as_bytes(jpeg)); }

std::string jpeg_refusal(std::string_view jpeg) {
  try {
    decode_image(as_bytes(jpeg));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    return error.what();
  }
  return "decoded";
}

TEST(Jpeg, ReadsGreyAsThreeEqualChannels) {
  Raw grey{16, 1, JCS_GRAYSCALE, {}};
  for (int i = 0; i < 256; ++i) grey.samples.push_back(static_cast<uint8_t>(i));
  const auto picture = decoded(compressed(grey));
  ASSERT_EQ(picture.data.size(), 768u);
  for (size_t i = 0; i < 256; ++i) {
    EXPECT_NEAR(picture.data[3 * i], i, 2);
    EXPECT_EQ(picture.data[3 * i], picture.data[3 * i + 1]);
    EXPECT_EQ(picture.data[3 * i], picture.data[3 * i + 2]);
  }
}

TEST(Jpeg, ReadsProgressiveAsBaselineAndNeverHalf) {
  const auto progressive =
      compressed(colours(32), [](auto& jpeg) { jpeg_simple_progression(&jpeg); });
  EXPECT_EQ(decoded(progressive).data, decoded(compressed(colours(32))).data);
  for (size_t keep = 0; keep < progressive.size(); ++keep) {
    EXPECT_NE(jpeg_refusal(std::string_view(progressive).substr(0, keep)), "decoded") << keep;
  }
}

TEST(Jpeg, ReadsArithmeticCodingAsHuffmanCoding) {
  const auto arithmetic = compressed(colours(32), [](auto& jpeg) { jpeg.arith_code = TRUE; });
  const auto huffman = compressed(colours(32));
  EXPECT_NE(arithmetic, huffman);
  EXPECT_EQ(decoded(arithmetic).data, decoded(huffman).data);
}

TEST(Jpeg, ReadsInksAsAdobeStoresThem) {
  // Samples are inverted: cyan 255 - 55 = 200 of 255 ink, no magenta, no yellow, a fifth black.
  Raw inks{16, 4, JCS_CMYK, {}};
  for (int i = 0; i < 256; ++i) {
    inks.samples.insert(inks.samples.end(), {55, 255, 255, 204});
  }
  const Adjust ycck = [](auto& jpeg) { jpeg_set_colorspace(&jpeg, JCS_YCCK); };
  for (const auto& jpeg : {compressed(inks), compressed(inks, ycck)}) {
    const auto picture = decoded(jpeg);
    ASSERT_EQ(picture.channels, 3);
    EXPECT_EQ(decode_image(as_bytes(jpeg), {.reduce_to = 5}).data, resize(picture, {5, 5}).data);
    // light = 204: red 204 - 200 * 204 / 255 = 44, green and blue 204.
    EXPECT_NEAR(picture.data[0], 44, 3);
    EXPECT_NEAR(picture.data[1], 204, 3);
    EXPECT_NEAR(picture.data[2], 204, 3);
  }
}

TEST(Jpeg, RefusesOtherPrecisionsAndProcessesByName) {
  auto jpeg = compressed(colours(16));
  const size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  auto deep = jpeg;
  deep[frame + 4] = 12;
  EXPECT_NE(jpeg_refusal(deep).find("expected 8 bits"), std::string::npos) << jpeg_refusal(deep);
  auto lossless = jpeg;
  lossless[frame + 1] = '\xc3';
  EXPECT_NE(jpeg_refusal(lossless).find("lossless"), std::string::npos) << jpeg_refusal(lossless);
}

TEST(Jpeg, TakesBytesBetweenSegmentsForPadding) {
  const auto jpeg = compressed(colours(32));
  const auto plain = decoded(jpeg);
  for (const auto* marker : {"\xff\xdb", "\xff\xc0", "\xff\xc4", "\xff\xda", "\xff\xd9"}) {
    auto padded = jpeg;
    padded.insert(padded.rfind(marker), std::string("junk\0 here", 10));
    EXPECT_EQ(decoded(padded).data, plain.data) << static_cast<int>(marker[1] & 255);
  }
}

TEST(Jpeg, TakesBytesBeforeARestartMarkerForDamage) {
  auto jpeg = compressed(colours(32), [](auto& j) { j.restart_interval = 4; });
  jpeg.insert(jpeg.find("\xff\xd1"), 9, 'x');
  EXPECT_NE(jpeg_refusal(jpeg), "decoded");
}

TEST(Jpeg, RefusesHoursOfScans) {
  // Valid, and all alike: 150 refinements of nothing. 100 are allowed.
  const auto scans = [](int count) {
    static std::vector<jpeg_scan_info> list;
    list = {{1, {0}, 0, 0, 0, 0}};
    for (int i = 1; i < count; ++i) list.push_back({1, {0}, 1, 63, 0, 0});
    return list;
  };
  Raw grey{16, 1, JCS_GRAYSCALE, std::vector<uint8_t>(256, 9)};
  const auto script = scans(2);
  auto jpeg = compressed(grey, [&](auto& j) {
    j.scan_info = script.data();
    j.num_scans = 2;
  });
  // The second scan, header and all, again and again.
  const size_t begin = jpeg.find("\xff\xda", jpeg.find("\xff\xda") + 2);
  const size_t end = jpeg.size() - 2;
  const auto scan = jpeg.substr(begin, end - begin);
  std::string many = jpeg.substr(0, end);
  for (int i = 0; i < 150; ++i) many += scan;
  EXPECT_NE(jpeg_refusal(many + "\xff\xd9").find("more than 100 scans"), std::string::npos)
      << jpeg_refusal(many + "\xff\xd9");
}

TEST(Jpeg, ShrinksWhileTheShortSideLasts) {
  const auto picture = Picture{64, 48, 3, std::vector<uint8_t>(64 * 48 * 3, 90)};
  const auto bytes = encode_jpeg(picture);
  EXPECT_EQ(decode_image(bytes, {.shrink_to = 25}).height, 48);
  EXPECT_EQ(decode_image(bytes, {.shrink_to = 24}).height, 24);
  EXPECT_EQ(decode_image(bytes, {.shrink_to = 7}).height, 12);
  EXPECT_EQ(decode_image(bytes, {.shrink_to = 6}).height, 6);
}

}  // namespace
}  // namespace braid
