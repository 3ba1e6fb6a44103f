// FreeType reads the bitmaps, HarfBuzz finds the one glyph of a sequence (ZWJ, flags, keycaps).
#include "braid/demo_data/emoji_font.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include <hb-ft.h>

#include <algorithm>
#include <string>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

// BGRA with alpha multiplied in -> RGBA without; clear pixels become zero.
void copy_row(const unsigned char* from, int64_t width, uint8_t* to) {
  for (int64_t x = 0; x < width; ++x, from += 4, to += 4) {
    const int alpha = from[3];
    for (int c = 0; c < 3; ++c) {
      const int value = from[2 - c];
      to[c] =
          alpha == 0 ? 0 : static_cast<uint8_t>(std::min(255, (value * 255 + alpha / 2) / alpha));
    }
    to[3] = static_cast<uint8_t>(alpha);
  }
}

}  // namespace

struct EmojiFont::Handles {
  Bytes file;  // FreeType reads from it as long as the face lives
  FT_Library library = nullptr;
  FT_Face face = nullptr;
  hb_font_t* font = nullptr;
  hb_buffer_t* buffer = nullptr;

  ~Handles() {
    if (buffer) hb_buffer_destroy(buffer);
    if (font) hb_font_destroy(font);
    if (face) FT_Done_Face(face);
    if (library) FT_Done_FreeType(library);
  }
};

EmojiFont::EmojiFont(const std::filesystem::path& path) : handles_(std::make_unique<Handles>()) {
  auto& h = *handles_;
  h.file = read_file(path, 256 << 20);
  if (FT_Init_FreeType(&h.library)) throw Error(ErrorCode::kInternal, "FreeType does not start");
  if (FT_New_Memory_Face(h.library, reinterpret_cast<const FT_Byte*>(h.file.data()),
                         static_cast<FT_Long>(h.file.size()), 0, &h.face)) {
    throw Error(ErrorCode::kInput, path.string() + ": not a font that FreeType reads");
  }
  if (!FT_HAS_COLOR(h.face) || !FT_HAS_FIXED_SIZES(h.face) || FT_Select_Size(h.face, 0)) {
    throw Error(ErrorCode::kInput, path.string() +
                                       ": has no colour bitmaps; expected a CBDT font as "
                                       "in Debian's fonts-noto-color-emoji");
  }
  h.font = hb_ft_font_create_referenced(h.face);
  h.buffer = hb_buffer_create();
}

EmojiFont::~EmojiFont() = default;

int64_t EmojiFont::side() const {
  const auto& strike = handles_->face->available_sizes[0];
  return std::max<int64_t>(strike.width, strike.height);
}

std::optional<Picture> EmojiFont::draw(std::u32string_view points) {
  auto& h = *handles_;
  hb_buffer_clear_contents(h.buffer);
  const std::vector<uint32_t> text(points.begin(), points.end());
  hb_buffer_add_utf32(h.buffer, text.data(), static_cast<int>(text.size()), 0, -1);
  hb_buffer_guess_segment_properties(h.buffer);
  hb_shape(h.font, h.buffer, nullptr, 0);
  unsigned count = 0;
  const auto* glyphs = hb_buffer_get_glyph_infos(h.buffer, &count);
  if (count != 1 || glyphs[0].codepoint == 0) return std::nullopt;
  if (FT_Load_Glyph(h.face, glyphs[0].codepoint, FT_LOAD_COLOR)) return std::nullopt;
  const FT_Bitmap& bitmap = h.face->glyph->bitmap;
  if (bitmap.pixel_mode != FT_PIXEL_MODE_BGRA || bitmap.rows == 0 || bitmap.width == 0) {
    return std::nullopt;
  }
  Picture picture = blank_picture(bitmap.width, bitmap.rows, 4);
  for (int64_t y = 0; y < picture.height; ++y) {
    copy_row(bitmap.buffer + y * bitmap.pitch, picture.width,
             picture.data.data() + y * picture.width * 4);
  }
  return picture;
}

Picture pad_square(const Picture& picture, int64_t side) {
  const int64_t larger = std::max(picture.height, picture.width);
  if (larger > side) {
    throw Error(ErrorCode::kConfig, "side: expected at least " + std::to_string(larger) +
                                        " (the font's pictures are not scaled), got " +
                                        std::to_string(side));
  }
  Picture square = blank_picture(side, side, 4);
  const int64_t top = (side - picture.height) / 2, left = (side - picture.width) / 2;
  for (int64_t y = 0; y < picture.height; ++y) {
    std::copy_n(picture.data.begin() + y * picture.width * 4, picture.width * 4,
                square.data.begin() + ((top + y) * side + left) * 4);
  }
  return square;
}

}  // namespace braid
