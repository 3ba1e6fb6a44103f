// BPE as SentencePiece runs it: neighbours merge where their text is a piece, the highest score
// first, the leftmost among equals.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "braid/tokenizer/prefix_trie.h"
#include "braid/tokenizer/sentencepiece_file.h"
#include "braid/tokenizer/vocabulary.h"

namespace braid {

class ScoredBpe {
 public:
  // Borrows both.
  ScoredBpe(const std::vector<Piece>& pieces, const Vocabulary& vocabulary);

  // The texts of the pieces in order, together the whole text; some may be no piece. Many threads.
  std::vector<std::string_view> cut(std::string_view text) const;

 private:
  int64_t merged_id(std::string_view text) const;  // -1: no piece of text

  const std::vector<Piece>& pieces_;
  const Vocabulary& vocabulary_;
  PrefixTrie whole_;  // user-defined pieces are never cut and never merged
};

}  // namespace braid
