// Tokens that stand outside the model: special ones, and words a user added.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "braid/tokenizer/prefix_trie.h"

namespace braid {

struct AddedToken {
  std::string text;
  int64_t id = 0;
  bool special = true;       // left out by decode
  bool normalized = false;   // looked for after normalisation, not before
  bool single_word = false;  // only where no letter or digit touches it
  bool lstrip = false;       // takes the white space before it along
  bool rstrip = false;       // and behind it
};

// Finds added tokens in text: the leftmost, and the longest of those.
class AddedMatcher {
 public:
  explicit AddedMatcher(std::vector<AddedToken> tokens);

  // Calls `on_text` for what lies between tokens (never empty) and `on_token` for each, in order.
  // The text must be valid UTF-8.
  void split(std::string_view text, const std::function<void(std::string_view)>& on_text,
             const std::function<void(int64_t)>& on_token) const;

 private:
  std::vector<AddedToken> tokens_;
  PrefixTrie trie_;  // places in tokens_
};

}  // namespace braid
