// English words of the Penn Treebank, as Stanford's PTBTokenizer 3.4.1 with -lowerCase gives them
// to coco-caption, which then drops punctuation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace braid {

// The text must be valid UTF-8. Contractions are cut ("isn't": "is", "n't"), hyphenated words stay
// whole. What differs from that program is said in docs/metrics.md.
std::vector<std::string> ptb_words(std::string_view text);

}  // namespace braid
