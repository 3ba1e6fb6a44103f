// GIF through giflib: the first frame, on the whole canvas; what it does not cover is transparent.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "braid/core/error.h"
#include "braid/modality/picture/codec.h"

namespace braid {
namespace {

[[noreturn]] void gif_failed(int code) {
  const char* reason = GifErrorString(code);
  throw Error(ErrorCode::kInput,
              std::string("GIF cannot be read: ") + (reason ? reason : "no frame in it"));
}

int take_bytes(GifFileType* gif, GifByteType* to, int size) {
  auto& left = *static_cast<std::span<const std::byte>*>(gif->UserData);
  const size_t taken = std::min(left.size(), static_cast<size_t>(size));
  std::memcpy(to, left.data(), taken);
  left = left.subspan(taken);
  return static_cast<int>(taken);
}

struct GifClose {
  void operator()(GifFileType* gif) const {
    int ignored = 0;
    DGifCloseFile(gif, &ignored);
  }
};
using GifHandle = std::unique_ptr<GifFileType, GifClose>;

// Goes to the first frame; the index of its transparent colour, -1 when there is none.
int find_frame(GifFileType* gif) {
  int clear = NO_TRANSPARENT_COLOR;
  for (GifRecordType type = UNDEFINED_RECORD_TYPE;;) {
    if (DGifGetRecordType(gif, &type) != GIF_OK) gif_failed(gif->Error);
    if (type == IMAGE_DESC_RECORD_TYPE) return clear;
    if (type != EXTENSION_RECORD_TYPE) gif_failed(0);
    int code = 0;
    GifByteType* block = nullptr;
    if (DGifGetExtension(gif, &code, &block) != GIF_OK) gif_failed(gif->Error);
    GraphicsControlBlock control{};
    if (block && code == GRAPHICS_EXT_FUNC_CODE &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      clear = control.TransparentColor;
    }
    while (block) {
      if (DGifGetExtensionNext(gif, &block) != GIF_OK) gif_failed(gif->Error);
    }
  }
}

// Red, green, blue, alpha of every index. An index that the table lacks is as black as in browsers.
std::array<std::array<uint8_t, 4>, 256> palette_of(const GifFileType& gif, int clear) {
  const auto* table = gif.Image.ColorMap ? gif.Image.ColorMap : gif.SColorMap;
  if (!table) throw Error(ErrorCode::kInput, "GIF cannot be read: it has no colour table");
  std::array<std::array<uint8_t, 4>, 256> palette;
  palette.fill({0, 0, 0, 255});
  for (int i = 0; i < std::min(table->ColorCount, 256); ++i) {
    const auto& colour = table->Colors[i];
    palette[i] = {colour.Red, colour.Green, colour.Blue, 255};
  }
  if (clear >= 0 && clear < 256) palette[clear][3] = 0;
  return palette;
}

// The row that comes `n`-th in the file.
int64_t row_at(int64_t n, int64_t height, bool interlaced) {
  if (!interlaced) return n;
  constexpr std::array<std::array<int64_t, 2>, 4> kPasses = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  for (const auto& [begin, step] : kPasses) {
    const int64_t rows = height > begin ? (height - begin + step - 1) / step : 0;
    if (n < rows) return begin + n * step;
    n -= rows;
  }
  return height - 1;
}

void read_frame(GifFileType* gif, int clear, Picture& canvas) {
  const auto palette = palette_of(*gif, clear);
  const auto& frame = gif->Image;
  std::vector<GifPixelType> line(static_cast<size_t>(frame.Width));
  for (int64_t n = 0; n < frame.Height; ++n) {
    if (DGifGetLine(gif, line.data(), frame.Width) != GIF_OK) gif_failed(gif->Error);
    const int64_t y = frame.Top + row_at(n, frame.Height, frame.Interlace);
    uint8_t* to = canvas.data.data() + (y * canvas.width + frame.Left) * 4;
    for (const auto index : line) to = std::copy_n(palette[index].data(), 4, to);
  }
}

}  // namespace

Decoded decode_gif(std::span<const std::byte> bytes, const DecodeOptions& options) {
  auto left = bytes;
  int status = 0;
  const GifHandle gif(DGifOpen(&left, take_bytes, &status));
  if (!gif) gif_failed(status);
  const int clear = find_frame(gif.get());
  if (DGifGetImageDesc(gif.get()) != GIF_OK) gif_failed(gif->Error);
  const auto& frame = gif->Image;
  if (frame.Width < 1 || frame.Height < 1) check_pixels(frame.Width, frame.Height, options);
  // A frame that leaves the screen widens it, as in Pillow.
  const int64_t width = std::max<int64_t>(gif->SWidth, int64_t{frame.Left} + frame.Width);
  const int64_t height = std::max<int64_t>(gif->SHeight, int64_t{frame.Top} + frame.Height);
  check_pixels(width, height, options);
  auto canvas = blank_picture(width, height, 4);
  read_frame(gif.get(), clear, canvas);
  return {without_idle_alpha(std::move(canvas)), 1};
}

}  // namespace braid
