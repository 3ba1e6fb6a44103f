// A colour bitmap font (CBDT, such as NotoColorEmoji.ttf): emoji to picture.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "braid/core/array.h"

namespace braid {

class EmojiFont {
 public:
  // Throws Error(kNotFound), Error(kInput) for a file that is no font or has no colour bitmaps.
  explicit EmojiFont(const std::filesystem::path& path);
  ~EmojiFont();

  // The emoji as one picture [H, W, 4] u8: RGBA, alpha not multiplied in. Nothing when the font
  // does not draw the sequence as one picture. One thread.
  std::optional<Array> draw(std::u32string_view points);

  int64_t side() const;  // of a square that holds the font's pictures, pixels

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

// `picture` [H, W, 4] centred on a clear square. Throws Error(kConfig) where it does not fit.
Array pad_square(const Array& picture, int64_t side);

}  // namespace braid
