// Sentences as words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "braid/metric/caption/captions.h"

namespace braid {

using Words = std::vector<std::string>;

// The text must be valid UTF-8. Many threads.
Words caption_words(std::string_view text, WordRule rule);

// What METEOR's own normaliser makes of English words of the Penn Treebank: "twin-hulled" becomes
// two words, "n't" becomes "n" and "'t", "u.s." becomes "us".
Words meteor_words(const Words& words);

std::string lower_case(std::string_view text);  // of every language

}  // namespace braid
