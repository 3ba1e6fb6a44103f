// What turns one word into token ids: the "model" of a tokenizer.json.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "braid/tokenizer/json_view.h"
#include "braid/tokenizer/vocabulary.h"

namespace braid {

class TokenModel {
 public:
  virtual ~TokenModel() = default;
  // Appends the ids of one word, which is not empty and valid UTF-8. Many threads.
  virtual void encode(std::string_view word, std::vector<int64_t>& out) const = 0;
  virtual int64_t unknown_id() const = 0;   // -1: what cannot be spelled is left out
  virtual std::string summary() const = 0;  // "BPE, 50000 merges"
};

// `vocabulary` has the model's own tokens and outlives the model. All throw Error(kInput).
std::unique_ptr<TokenModel> read_bpe(const JsonView& json, const Vocabulary& vocabulary);
std::unique_ptr<TokenModel> read_word_piece(const JsonView& json, const Vocabulary& vocabulary);
std::unique_ptr<TokenModel> read_unigram(const JsonView& json, const Vocabulary& vocabulary);

}  // namespace braid
