// What a voice for the demo set is trained on: texts of training rows, phrases of their words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "braid/demo_data/emoji_rows.h"

namespace braid {

// Distinct texts of the training rows, in the order in which they appear.
std::vector<std::string> training_texts(const std::vector<EmojiRow>& rows,
                                        const std::string& language);

// Phrases of one to three words of `texts` (words by ICU's dictionaries, lower case) in random
// order: each distinct word is in one phrase of every round. A phrase that reads like a name which
// training may not know (withheld, or of another split) is left out, unless it is one of `texts`.
std::vector<std::string> training_phrases(const std::vector<EmojiRow>& rows,
                                          const std::string& language,
                                          const std::vector<std::string>& texts, int64_t rounds);

}  // namespace braid
