// A colour bitmap font (CBDT, such as NotoColorEmoji.ttf): emoji to picture.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "braid/modality/picture/picture.h"

namespace braid {

class EmojiFont {
 public:
  // Throws Error(kNotFound), Error(kInput) for a file that is no font or has no colour bitmaps.
  explicit EmojiFont(const std::filesystem::path& path);
  ~EmojiFont();

  // The emoji as one picture of 4 channels. Nothing when the font does not draw the sequence as one
  // picture. One thread.
  std::optional<Picture> draw(std::u32string_view points);

  int64_t side() const;  // of a square that holds the font's pictures, pixels

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

// A picture of 4 channels, centred on a clear square. Throws Error(kConfig) where it does not fit.
Picture pad_square(const Picture& picture, int64_t side);

}  // namespace braid
