// JPEG -> pixels through libjpeg: baseline and progressive, Huffman and arithmetic coding.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "braid/modality/picture/codec.h"
#include "braid/modality/picture/exif.h"
#include "braid/modality/picture/jpeg_error.h"
#include "braid/modality/picture/resampler.h"

namespace braid {
namespace {

// Encoders write about ten scans, the standard's finest progression has a few dozen. More, in a few
// bytes each, ask for hours of work.
constexpr int kMaxScans = 100;

constexpr char kCannotRead[] = "JPEG cannot be read: ";

struct JpegReader {
  JpegErrors errors;
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct jpeg{};

  JpegReader() {
    jpeg.err = &errors.manager;
    jpeg.client_data = &errors;
    jpeg_step(errors, "JPEG: ", [this] { jpeg_create_decompress(&jpeg); });
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }
};

void count_scans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMaxScans) return;
  auto& errors = *static_cast<JpegErrors*>(jpeg->client_data);
  std::snprintf(errors.message, sizeof errors.message, "more than %d scans", kMaxScans);
  std::longjmp(errors.leave, 1);
}

void read_header(JpegReader& reader, std::span<const std::byte> bytes) {
  auto& jpeg = reader.jpeg;
  jpeg_step(reader.errors, kCannotRead, [&] {
    jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xffff);
    reader.progress.progress_monitor = count_scans;
    jpeg.progress = &reader.progress;
    jpeg_read_header(&jpeg, TRUE);
  });
}

// The TIFF block of the first Exif segment, empty when there is none.
std::span<const std::byte> exif_block(const jpeg_decompress_struct& jpeg) {
  for (auto* marker = jpeg.marker_list; marker; marker = marker->next) {
    if (marker->data_length > 6 && std::memcmp(marker->data, "Exif\0\0", 6) == 0) {
      return {reinterpret_cast<const std::byte*>(marker->data) + 6, marker->data_length - 6};
    }
  }
  return {};
}

int64_t reduced(int64_t side, int denominator) { return (side + denominator - 1) / denominator; }

// 1, 2, 4 or 8.
int reduction(const jpeg_decompress_struct& jpeg, int64_t shrink_to) {
  const int64_t side = std::min(jpeg.image_width, jpeg.image_height);
  int best = 1;
  for (const int denominator : {2, 4, 8}) {
    if (shrink_to > 0 && reduced(side, denominator) >= shrink_to) best = denominator;
  }
  return best;
}

// Hands every row to `take(row)` as soon as it is there; a row has `row_bytes` readable bytes.
template <class Take>
void read_rows(JpegReader& reader, int64_t row_bytes, const Take& take) {
  auto& jpeg = reader.jpeg;
  constexpr int64_t kStrip = 16;  // more than libjpeg ever gives at once
  std::vector<uint8_t> strip(static_cast<size_t>(kStrip * row_bytes));
  uint8_t* rows[kStrip];
  for (int64_t i = 0; i < kStrip; ++i) rows[i] = strip.data() + i * row_bytes;
  jpeg_step(reader.errors, kCannotRead, [&] {
    jpeg_start_decompress(&jpeg);
    while (jpeg.output_scanline < jpeg.output_height) {
      const auto count = jpeg_read_scanlines(&jpeg, rows, kStrip);
      for (JDIMENSION i = 0; i < count; ++i) take(rows[i]);
    }
    jpeg_finish_decompress(&jpeg);  // the end must be there
  });
}

Picture whole_picture(JpegReader& reader, int64_t channels) {
  auto out = blank_picture(reader.jpeg.output_width, reader.jpeg.output_height, channels);
  uint8_t* to = out.data.data();
  const auto row_bytes = static_cast<size_t>(out.width * channels);
  read_rows(reader, out.width * channels, [&](const uint8_t* row) {
    std::memcpy(to, row, row_bytes);
    to += row_bytes;
  });
  return out;
}

Picture reduced_picture(JpegReader& reader, Size size, ResizeFilter filter) {
  const Size source{reader.jpeg.output_width, reader.jpeg.output_height};
  Resampler resampler(source, 3, size, {.filter = filter});
  read_rows(reader, resampler.row_bytes(), [&](const uint8_t* row) { resampler.push(row); });
  return resampler.take();
}

// Adobe stores CMYK inverted: a sample of 255 is no ink. Same arithmetic as Pillow.
Picture cmyk_to_rgb(const Picture& cmyk) {
  auto out = blank_picture(cmyk.width, cmyk.height, 3);
  const uint8_t* from = cmyk.data.data();
  for (size_t i = 0; i < out.data.size(); i += 3, from += 4) {
    const int light = from[3];
    for (int c = 0; c < 3; ++c) {
      const int ink = (255 - from[c]) * light + 128;
      out.data[i + c] = static_cast<uint8_t>(std::max(0, light - ((ink + (ink >> 8)) >> 8)));
    }
  }
  return out;
}

}  // namespace

Decoded decode_jpeg(std::span<const std::byte> bytes, const DecodeOptions& options) {
  JpegReader reader;
  auto& jpeg = reader.jpeg;
  read_header(reader, bytes);
  check_pixels(jpeg.image_width, jpeg.image_height, options);
  const int orientation = exif_orientation(exif_block(jpeg));  // libjpeg drops it at the end
  const bool inks = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
  jpeg.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  jpeg.scale_num = 1;
  jpeg.scale_denom = static_cast<unsigned>(reduction(jpeg, options.shrink_to));
  jpeg_step(reader.errors, kCannotRead, [&jpeg] { jpeg_calc_output_dimensions(&jpeg); });
  if (inks) return {cmyk_to_rgb(whole_picture(reader, 4)), orientation};
  const Size whole{jpeg.output_width, jpeg.output_height};
  const auto size = reduced_size(whole, options);
  // Turning comes before resizing: rows of a picture that lies on its side are not its rows.
  if (orientation > 1 || size == whole) return {whole_picture(reader, 3), orientation};
  return {reduced_picture(reader, size, options.filter), orientation};
}

}  // namespace braid
