// PNG through libpng.
//
// libpng leaves on errors by longjmp, which runs no destructors: whatever owns memory lives outside
// `guarded`, and the steps inside it hold plain values only.
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/modality/picture/codec.h"
#include "braid/modality/picture/encode.h"
#include "braid/modality/picture/exif.h"

namespace braid {
namespace {

struct PngState {
  bool reading = true;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::span<const std::byte> in;  // what is left to read
  Bytes out;
  bool out_of_memory = false;
  char message[256] = {};

  explicit PngState(bool reading);
  PngState(const PngState&) = delete;
  PngState& operator=(const PngState&) = delete;
  ~PngState() {
    if (reading) {
      png_destroy_read_struct(&png, &info, nullptr);
    } else {
      png_destroy_write_struct(&png, &info);
    }
  }
};

void png_failed(png_structp png, png_const_charp message) {
  auto* state = static_cast<PngState*>(png_get_error_ptr(png));
  std::strncpy(state->message, message, sizeof(state->message) - 1);
  png_longjmp(png, 1);
}

// Warnings are about what we ignore anyway (profiles, gamma, text).
void png_warned(png_structp, png_const_charp) {}

void png_take(png_structp png, png_bytep to, size_t size) {
  auto* state = static_cast<PngState*>(png_get_io_ptr(png));
  if (size > state->in.size()) png_error(png, "the file ends too early");
  std::memcpy(to, state->in.data(), size);
  state->in = state->in.subspan(size);
}

void png_give(png_structp png, png_bytep from, size_t size) {
  auto* state = static_cast<PngState*>(png_get_io_ptr(png));
  const auto* begin = reinterpret_cast<const std::byte*>(from);
  try {
    state->out.insert(state->out.end(), begin, begin + size);
    return;
  } catch (const std::bad_alloc&) {
    state->out_of_memory = true;
  }
  png_error(png, "out of memory");
}

PngState::PngState(bool read) : reading(read) {
  png = reading ? png_create_read_struct(PNG_LIBPNG_VER_STRING, this, png_failed, png_warned)
                : png_create_write_struct(PNG_LIBPNG_VER_STRING, this, png_failed, png_warned);
  if (png) info = png_create_info_struct(png);
  if (!info) {
    if (reading) {
      png_destroy_read_struct(&png, nullptr, nullptr);
    } else {
      png_destroy_write_struct(&png, nullptr);
    }
    throw Error(ErrorCode::kLimit, "PNG: out of memory");
  }
}

// Runs one step; libpng's longjmp lands here and becomes an Error.
template <class Step>
void guarded(PngState& state, Step step, const char* what) {
  if (setjmp(png_jmpbuf(state.png))) {
    throw Error(state.out_of_memory ? ErrorCode::kLimit : ErrorCode::kInput,
                std::string(what) + state.message);
  }
  step(state);
}

void read_png_header(PngState& state) {
  png_set_read_fn(state.png, &state, png_take);
  // Size limits are ours to check; text and profiles are not read, so that they cannot unpack to
  // hundreds of megabytes.
  png_set_user_limits(state.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_keep_unknown_chunks(state.png, PNG_HANDLE_CHUNK_NEVER,
                              reinterpret_cast<png_const_bytep>("tEXt\0zTXt\0iTXt\0iCCP\0sPLT\0"),
                              5);
  png_read_info(state.png, state.info);
}

void choose_pixels(PngState& state) {
  png_set_expand(state.png);    // palette -> RGB, 1, 2 and 4 bits -> 8, tRNS -> alpha
  png_set_strip_16(state.png);  // high byte
  png_set_gray_to_rgb(state.png);
  png_set_interlace_handling(state.png);
  png_read_update_info(state.png, state.info);
}

int png_orientation(PngState& state) {
  png_bytep exif = nullptr;
  png_uint_32 size = 0;
  if (!png_get_eXIf_1(state.png, state.info, &size, &exif) || !exif) return 1;
  return exif_orientation({reinterpret_cast<const std::byte*>(exif), size});
}

}  // namespace

Decoded decode_png(std::span<const std::byte> bytes, const DecodeOptions& options) {
  static constexpr char kRead[] = "PNG cannot be read: ";
  PngState state(true);
  state.in = bytes;
  guarded(state, read_png_header, kRead);
  const int64_t width = png_get_image_width(state.png, state.info);
  const int64_t height = png_get_image_height(state.png, state.info);
  check_pixels(width, height, options);
  guarded(state, choose_pixels, kRead);
  auto picture = blank_picture(width, height, png_get_channels(state.png, state.info));
  std::vector<png_bytep> rows(static_cast<size_t>(height));
  const size_t row_bytes = static_cast<size_t>(width * picture.channels);
  if (png_get_rowbytes(state.png, state.info) != row_bytes) {
    throw Error(ErrorCode::kInternal, "PNG: rows have an unexpected size");
  }
  for (size_t y = 0; y < rows.size(); ++y) rows[y] = picture.data.data() + y * row_bytes;
  const auto* row_pointers = rows.data();
  guarded(
      state,
      [row_pointers](PngState& s) {
        png_read_image(s.png, const_cast<png_bytepp>(row_pointers));
        png_read_end(s.png, s.info);  // the end must be there; eXIf may stand behind the pixels
      },
      kRead);
  return {without_idle_alpha(std::move(picture)), png_orientation(state)};
}

Bytes encode_png(const PictureView& picture) {
  PngState state(false);
  guarded(
      state,
      [&picture](PngState& s) {
        png_set_write_fn(s.png, &s, png_give, nullptr);
        png_set_IHDR(s.png, s.info, static_cast<png_uint_32>(picture.width),
                     static_cast<png_uint_32>(picture.height), 8,
                     picture.channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
                     PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_write_info(s.png, s.info);
        for (int64_t y = 0; y < picture.height; ++y) {
          png_write_row(s.png, picture.data + y * picture.width * picture.channels);
        }
        png_write_end(s.png, s.info);
      },
      "PNG cannot be written: ");
  return std::move(state.out);
}

}  // namespace braid
