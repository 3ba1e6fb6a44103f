// Unigram language model (Kudo 2018): the spelling of a text whose tokens' log probabilities sum
// highest, found by Viterbi.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "braid/tokenizer/prefix_trie.h"

namespace braid {

struct UnigramToken {
  size_t length;  // bytes
  int64_t id;
};

struct UnigramTable {
  PrefixTrie trie;             // ids of the tokens that may be used
  std::vector<double> scores;  // by id
  double unknown_score = 0;    // of a character that no token spells
  int64_t unknown = 0;
  bool single_precision = false;  // sums as SentencePiece makes them; HF's are double
};

// Tokens in order, together the whole text; an unknown one for each character without a token.
std::vector<UnigramToken> best_spelling(std::string_view text, const UnigramTable& table);

}  // namespace braid
