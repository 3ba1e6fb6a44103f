// How far what was heard is from what was said: edits (insertions, deletions, replacements) of all
// samples over the length of all that was said (Levenshtein 1966). 0 is best, there is no worst.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "braid/metric/caption/captions.h"

namespace braid {

// What it takes to make a text of a reference, and how long the reference is.
struct Edits {
  int64_t edits = 0, length = 0;
};

// Of characters: lower case, one blank where there are some, none at the ends.
Edits character_edits(std::string_view text, std::string_view reference);
// Of words: runs of letters and digits, lower case; an ideograph is one.
Edits word_edits(std::string_view text, std::string_view reference);

// cer, wer, exact_match. Of several references the nearest counts: the fewest edits for its length.
// Throws Error(kInput) where no reference holds a word.
Statistics transcription_statistics(const Captions& captions, const Metric& about);
std::vector<std::string> transcription_score_names();

}  // namespace braid
