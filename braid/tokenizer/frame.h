// The tokens that a model expects around a text: [CLS] ... [SEP].
#pragma once

#include <cstdint>
#include <vector>

#include "braid/tokenizer/json_view.h"

namespace braid {

struct TokenFrame {
  std::vector<int64_t> prefix, suffix;
};

// What a tokenizer.json's post_processor puts around one text; `vocabulary` bounds the ids. Throws
// Error(kInput) naming what is not known.
void read_frame(const JsonView& json, int64_t vocabulary, TokenFrame& frame, int depth = 0);

// The text's tokens within the frame, cut at their end to `most` in all, so that the frame stays
// whole. Throws Error(kLimit) where the frame leaves no room for one token of the text.
std::vector<int64_t> framed(std::vector<int64_t> ids, const TokenFrame& frame, size_t most);

}  // namespace braid
