// GPT-2's pre-tokenisation: cuts text into the words inside which BPE may merge.
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// (Radford et al. 2019), read by hand: std::regex and RE2 cannot, ICU's is ten times slower.
#pragma once

#include <functional>
#include <string_view>

namespace braid {

// Where the word that begins at `at` ends.
size_t word_end(std::string_view text, size_t at);

// The words in order; together they are the whole text. The text must be valid UTF-8.
void scan_words(std::string_view text, const std::function<void(std::string_view)>& visit);

}  // namespace braid
