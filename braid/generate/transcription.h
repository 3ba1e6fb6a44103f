// The recipe keys of `kind: transcription`: a text that follows what one field says in time.
// Torch-free.
#pragma once

#include <string>

#include "braid/core/config.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid {

struct TranscriptionConfig {
  ConfigNode target;  // column | [columns]
  double weight = 1;
  std::string field;
  BpeConfig tokenizer{512};
};

template <class Field>
void visit(Field&& field, TranscriptionConfig& c) {
  field("target", c.target, "column(s) whose texts are said, each of which is right");
  field("weight", c.weight, at_least(0.0), "factor in the total loss");
  field("field", c.field,
        "whose tokens say it, one after the other in time (a sound); default: the only field");
  field("tokenizer", c.tokenizer,
        "what is learned from the texts of the training rows; a text needs a token of the field "
        "for each of its own: large vocabularies make short texts");
}

}  // namespace braid
