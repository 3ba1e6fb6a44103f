// How SentencePiece normalises text (normalizer.cc, Google 2018): the character map, longest match
// first, then blanks as a visible letter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "braid/tokenizer/charsmap.h"
#include "braid/tokenizer/prefix_trie.h"
#include "braid/tokenizer/sentencepiece_file.h"

namespace braid {

inline constexpr std::string_view kBlankLetter = "\xe2\x96\x81";  // U+2581

class SentencePieceNormalizer {
 public:
  // Throws Error(kInput, where: ...) for a damaged character map.
  SentencePieceNormalizer(const SentencePieceParts& parts, const std::string& where);

  // Valid UTF-8 in and out. Many threads.
  std::string apply(std::string_view text) const;

 private:
  Charsmap::Match next(std::string_view text) const;
  std::string without_trailing_blanks(std::string text) const;

  Charsmap map_;
  PrefixTrie kept_;  // user-defined pieces stay as they are
  std::string_view blank_;
  bool dummy_prefix_, dummy_suffix_, remove_extra_blanks_;
};

}  // namespace braid
