// Texts about samples, from a decoder and a search.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "braid/generate/decoder.h"
#include "braid/generate/search.h"

namespace braid {

struct WrittenText {
  std::string text;
  std::vector<int64_t> tokens;  // without the end
  double log_probability = 0;   // nats
  double score = 0;             // of the search
  bool ended = false;           // false: cut at max_tokens
};

struct WriteOptions {
  SearchConfig search;
  int64_t language = 0;  // which beginning
  uint64_t seed = 0;     // of draws
  std::vector<int64_t> numbers;       // of the samples, for draws; empty: 0, 1, ...
  std::function<bool()> interrupted;  // asked before each token
  bool keep_past = true;  // false: every step reads the whole text again, as a check of the past
};

// For each sample of the source its texts, best first; without gradients. Throws Error(kConfig)
// for a search that asks for more tokens than the decoder has positions, and as write_texts.
std::vector<std::vector<WrittenText>> write_about(const Decoder& decoder, const Source& source,
                                                  const WriteOptions& options);

}  // namespace braid
