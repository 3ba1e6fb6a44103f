// What training byte-level BPE finds, and its tokenizer.json.
#pragma once

#include <string>
#include <vector>

#include "braid/tokenizer/added_tokens.h"
#include "braid/tokenizer/merge_table.h"
#include "braid/tokenizer/normalizer.h"

namespace braid {

struct BpeParts {
  std::vector<std::string> tokens;  // by id, in byte letters; added ones as they are
  ByteIds bytes{};
  std::vector<Merge> merges;  // by rank
  std::vector<NormalStep> normalizer;
  std::vector<AddedToken> added;
};

std::string write_tokenizer_json(const BpeParts& parts);

}  // namespace braid
