// A tokenizer.json put together: normalise, find added tokens, cut into words, encode each.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "braid/tokenizer/added_tokens.h"
#include "braid/tokenizer/decoder.h"
#include "braid/tokenizer/model.h"
#include "braid/tokenizer/normalizer.h"
#include "braid/tokenizer/pre_tokenizer.h"
#include "braid/tokenizer/tokenizer.h"
#include "braid/tokenizer/vocabulary.h"

namespace braid {

struct PipelineParts {
  std::string json;                        // the file they come from
  std::unique_ptr<Vocabulary> vocabulary;  // the model refers to it
  std::vector<AddedToken> added;
  std::vector<TextChange> normalizer;
  std::unique_ptr<PreTokenizer> pre_tokenizer;  // null: the text is one word
  std::unique_ptr<TokenModel> model;
  Decoder decoder;
  bool byte_letters = false;  // tokens are written in byte letters
  TokenFrame frame;
  SpecialIds special_ids;
  std::vector<std::pair<std::string, std::string>> summary;
};

std::unique_ptr<Tokenizer> make_pipeline(PipelineParts parts);

}  // namespace braid
