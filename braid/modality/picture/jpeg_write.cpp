// Pixels -> JPEG through libjpeg: baseline, colour at half resolution.
#include <cstdlib>
#include <string>

#include "braid/modality/picture/encode.h"
#include "braid/modality/picture/jpeg_error.h"

namespace braid {
namespace {

struct JpegWriter {
  JpegErrors errors;
  jpeg_compress_struct jpeg{};
  unsigned char* out = nullptr;  // libjpeg allocates it with malloc
  unsigned long size = 0;

  JpegWriter() {
    jpeg.err = &errors.manager;
    jpeg.client_data = &errors;
    jpeg_step(errors, "JPEG: ", [this] { jpeg_create_compress(&jpeg); });
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() {
    jpeg_destroy_compress(&jpeg);
    std::free(out);
  }
};

void write_rows(jpeg_compress_struct& jpeg, const PictureView& picture, int quality) {
  jpeg.image_width = static_cast<JDIMENSION>(picture.width);
  jpeg.image_height = static_cast<JDIMENSION>(picture.height);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row = const_cast<uint8_t*>(picture.data + jpeg.next_scanline * picture.width * 3);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
}

}  // namespace

Bytes encode_jpeg(const PictureView& picture, int quality) {
  if (picture.channels != 3) {
    throw Error(ErrorCode::kInput,
                "JPEG has no alpha: expected 3 channels, got " + std::to_string(picture.channels));
  }
  JpegWriter writer;
  jpeg_step(writer.errors, "JPEG cannot be written: ", [&] {
    jpeg_mem_dest(&writer.jpeg, &writer.out, &writer.size);
    write_rows(writer.jpeg, picture, quality);
  });
  const auto* begin = reinterpret_cast<const std::byte*>(writer.out);
  return Bytes(begin, begin + writer.size);
}

}  // namespace braid
