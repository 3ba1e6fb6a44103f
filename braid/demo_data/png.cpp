#include "braid/demo_data/png.h"

#include <png.h>

#include "braid/core/error.h"

namespace braid {

Bytes rgba_png(const Array& picture) {
  if (picture.shape().size() != 3 || picture.size(2) != 4 || picture.dtype() != DType::kU8) {
    throw Error(ErrorCode::kShape,
                "png: expected [H, W, 4] U8, got " + shape_text(picture.shape()));
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(picture.size(0));
  image.width = static_cast<png_uint_32>(picture.size(1));
  image.format = PNG_FORMAT_RGBA;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes bytes(size);
  if (!png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.bytes(), 0, nullptr)) {
    throw Error(ErrorCode::kInternal, std::string("png: cannot encode: ") + image.message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace braid
