// Text in any language, as tokens.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/modality/modality.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid {

// How often a training view disturbs a token; each token draws for itself.
struct TextViewConfig {
  double erase = 0.05;   // taken out; at least one stays
  double swap = 0.05;    // changes place with the next
  double insert = 0.05;  // gets a random token behind it
  double mask = 0.1;     // becomes <mask>
};

template <class Field>
void visit(Field&& field, TextViewConfig& c) {
  field("delete", c.erase, closed(0.0, 1.0), "chance that a token is taken out; one always stays");
  field("swap", c.swap, closed(0.0, 1.0), "chance that a token changes place with the next");
  field("insert", c.insert, closed(0.0, 1.0), "chance of a random token behind a token");
  field("mask", c.mask, closed(0.0, 1.0), "chance that a token becomes <mask>");
}

struct TextConfig {
  BpeConfig tokenizer;         // trained on the training split ...
  std::string tokenizer_file;  // ... unless this is given: see docs/tokenizer.md
  int64_t max_tokens = 32;     // of a view, the tokens around the text included
  int64_t max_bytes = 65536;   // of one value
  std::vector<std::string> hide;  // words: hidden_words.h
  TextViewConfig views;
};

template <class Field>
void visit(Field&& field, TextConfig& c) {
  field("tokenizer", c.tokenizer, "what is learned from the training texts");
  field(
      "tokenizer_file", c.tokenizer_file,
      "use this instead of learning one: a tokenizer.json, SentencePiece .model, vocab.txt, CLIP's "
      "merges, or a folder with vocab.json and merges.txt");
  field("max_tokens", c.max_tokens, closed<int64_t>(2, 8192),
        "longer texts are cut; <eos> and [CLS] count");
  field("max_bytes", c.max_bytes, closed<int64_t>(1, 1 << 28), "longer values are refused");
  field("hide", c.hide,
        "words that the model never sees, whatever their case: a word, or its beginning and *; a "
        "word with hyphens is hidden as a whole (docs/medical.md)");
  field("views", c.views, "random changes of training views");
}

// Sample: values [T] i64, the text's tokens within its tokenizer's frame (... <eos>, or [CLS] ...
// [SEP]), mask [T] all true. prepare keeps every token; views are cut to max_tokens and keep the
// frame, so that pooling by the first or the last token works. Batches are as long as their longest
// text; facts: vocabulary, max_tokens, pad_id.
std::unique_ptr<Modality> make_text(const ConfigNode& node);

}  // namespace braid
