// How the tokens of a tokenizer.json become text again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "braid/tokenizer/json_view.h"

namespace braid {

// One step over the tokens of a text; many threads.
using DecoderStep = std::function<void(std::vector<std::string>&)>;

struct Decoder {
  std::vector<DecoderStep> steps;
  std::string between;  // put between the tokens that are left

  std::string text(std::vector<std::string> tokens) const;
};

// null puts blanks between tokens, as HF does. Throws Error(kInput) naming what is not known.
Decoder read_decoder(const JsonView& json);

// Bytes "<0xE7>" among tokens become characters; what is no UTF-8 becomes one U+FFFD a byte.
void join_byte_tokens(std::vector<std::string>& tokens);

}  // namespace braid
