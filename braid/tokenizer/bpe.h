// Byte-level BPE put together: normalise, find added tokens, cut into words, merge.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "braid/tokenizer/added_tokens.h"
#include "braid/tokenizer/merge_table.h"
#include "braid/tokenizer/normalizer.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid {

// What tokenizer.json holds, ids checked.
struct BpeParts {
  std::vector<std::string> tokens;  // by id, in byte letters; added ones as they are
  ByteIds bytes{};
  std::vector<Merge> merges;  // by rank
  std::vector<NormalStep> normalizer;
  std::vector<AddedToken> added;
};

std::unique_ptr<Tokenizer> make_bpe(BpeParts parts);

std::string write_tokenizer_json(const BpeParts& parts);
// `where` names the source in messages. Throws Error(kInput).
BpeParts read_tokenizer_json(const std::string& json, const std::string& where);

}  // namespace braid
