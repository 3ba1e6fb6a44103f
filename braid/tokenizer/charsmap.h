// SentencePiece's precompiled character map: a double-array trie (Yata, Darts-clone) from text to
// its normal form, as a `.model` and the normaliser "Precompiled" of tokenizer.json hold it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

class Charsmap {
 public:
  struct Match {
    size_t length = 0;  // of what is replaced; 0: nothing
    std::string_view text;
  };

  Charsmap() = default;  // changes nothing
  // Throws Error(kInput, where: ...) for bytes that are no such map. Damage inside the trie is
  // found at use: a step out of it matches nothing.
  Charsmap(std::string_view bytes, const std::string& where);

  bool empty() const { return units_.empty(); }
  Match longest(std::string_view text) const { return match(text, true); }
  Match shortest(std::string_view text) const { return match(text, false); }

 private:
  Match match(std::string_view text, bool longest) const;
  std::string_view form(uint32_t offset) const;

  std::vector<uint32_t> units_;
  std::string forms_;  // each ends in a zero byte
};

// What "Precompiled" of HF does: whole grapheme clusters of fewer than 6 bytes first, else each
// character; of several keys the shortest wins, where SentencePiece itself takes the longest.
std::string precompiled_form(const std::string& text, const Charsmap& map);

std::string from_base64(std::string_view text);  // nothing where it is none

}  // namespace braid
