// What becomes of the delimiters that text is cut at, under HF's names.
#pragma once

#include <cstdint>

#include "braid/tokenizer/pattern.h"
#include "braid/tokenizer/pre_tokenizer.h"

namespace braid {

enum class SplitBehavior : uint8_t {
  kRemoved,
  kIsolated,            // words of their own
  kMergedWithPrevious,  // the end of the word before
  kMergedWithNext,      // the beginning of the word behind
  kContiguous,          // as isolated, but neighbours are one word
};

SplitBehavior read_behavior(const JsonView& json, SplitBehavior fallback);

// `inverted`: what lies between the matches is the delimiter.
void split_at(const Pattern& pattern, SplitBehavior behavior, bool inverted, std::string_view text,
              bool at_start, const WordVisitor& visit);

}  // namespace braid
