#include "braid/modality/picture/resampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "braid/modality/picture/decode.h"
#include "braid/modality/picture/encode.h"
#include "tests/kernel/simd_targets.h"

namespace braid {
namespace {

Picture speckled(int64_t width, int64_t height, int64_t channels) {
  auto picture = blank_picture(width, height, channels);
  uint32_t state = 3;
  for (auto& byte : picture.data) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return picture;
}

TEST(Resampler, ReusesOneRowsMemoryForAllRowsAndAgreesWithResize) {
  const Window middle{1, 2, 3, 2};
  on_every_simd([&] {
    for (const int64_t channels : {3, 4}) {
      const auto picture = speckled(37, 29, channels);
      for (const Size size : {Size{5, 7}, Size{37, 11}, Size{9, 29}, Size{90, 61}, Size{37, 29}}) {
        for (const auto& window : {std::optional<Window>(), std::optional<Window>(middle)}) {
          const ResizeOptions options{.filter = ResizeFilter::kBicubic, .window = window};
          Resampler resampler({37, 29}, channels, size, options);
          std::vector<uint8_t> row(static_cast<size_t>(resampler.row_bytes()), 200);
          for (int64_t y = 0; y < 29; ++y) {
            std::copy_n(picture.data.begin() + y * 37 * channels, 37 * channels, row.begin());
            resampler.push(row.data());
          }
          EXPECT_EQ(resampler.take().data, resize(picture, size, options).data)
              << channels << ": " << size.width << " x " << size.height;
        }
      }
    }
  });
}

TEST(Resampler, CutsAWindowFromAnAxisOfTheSameSize) {
  const auto picture = speckled(20, 10, 3);
  const auto out = resize(picture, {20, 10}, {.window = Window{3, 2, 5, 4}});
  ASSERT_EQ(out.data.size(), 60u);
  for (int64_t i = 0; i < 60; ++i) {
    EXPECT_EQ(out.data[i], picture.data[(2 + i / 15) * 60 + 9 + i % 15]);
  }
}

TEST(Resampler, GivesTheSameBytesOnEveryInstructionSet) {
  const auto picture = speckled(101, 67, 3);
  const auto wanted = resize(picture, {31, 23});
  on_every_simd([&] { EXPECT_EQ(resize(picture, {31, 23}).data, wanted.data); });
}

TEST(ReduceTo, IsWhatResizingTheDecodedPictureGives) {
  for (const auto filter : {ResizeFilter::kBilinear, ResizeFilter::kBicubic}) {
    for (const auto& [width, height] : {std::pair{61, 47}, std::pair{47, 61}, std::pair{301, 20}}) {
      const auto picture = speckled(width, height, 3);
      for (const auto& bytes : {encode_jpeg(picture), encode_png(picture)}) {
        const auto got = decode_image(bytes, {.reduce_to = 13, .filter = filter});
        const int64_t least = std::min(width, height);
        const Size size{width * 13 / least, height * 13 / least};
        EXPECT_EQ(got.width, size.width);
        EXPECT_EQ(got.height, size.height);
        EXPECT_EQ(got.data, resize(decode_image(bytes), size, {.filter = filter}).data);
      }
    }
  }
}

TEST(ReduceTo, LeavesASmallPictureAlone) {
  const auto bytes = encode_jpeg(speckled(21, 13, 3));
  EXPECT_EQ(decode_image(bytes, {.reduce_to = 13}).data, decode_image(bytes).data);
  EXPECT_EQ(decode_image(bytes, {.reduce_to = 400}).data, decode_image(bytes).data);
}

TEST(ReduceTo, RefusesACutJpegWhereverItIsCut) {
  const auto bytes = encode_jpeg(speckled(64, 64, 3));
  for (size_t keep = 0; keep < bytes.size(); keep += 97) {
    EXPECT_ANY_THROW(decode_image(std::span(bytes).first(keep), {.reduce_to = 16})) << keep;
  }
}

}  // namespace
}  // namespace braid
