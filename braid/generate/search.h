// Texts from a decoder: greedy, beam search, sampling.
//
//   log p(text) = sum over its tokens of log p(token | what stands before)
//   score       = log p / tokens^length_penalty        (Wu et al. 2016, eq. 14, in its short form)
//
// log p is of the decoder's logits after the repetition penalty; temperature, top_k, top_p and
// min_tokens change what is chosen, not log p (next_token.h). The end token counts as a token.
//
// Greedy (beam 1): the most probable token until it is the end. Beam search: of the 2 * beam most
// probable continuations of a sample's live hypotheses, those that end are finished, the best
// `beam` of the others live on. A sample is done when `best` texts are finished and no live
// hypothesis can beat the worst of them: log p is at most 0 and only falls, so no text that
// continues a hypothesis scores above (its log p) / max_tokens^length_penalty, for any
// length_penalty >= 0. Stopping is thus exact: going on would give the same texts. At max_tokens
// the live hypotheses are texts too. Sampling: `best` independent draws a sample, which may be the
// same, sorted by log p.
//
// A sample's texts depend on its logits and number alone, not on what else is in the batch. Ties go
// to the lower token, then to the hypothesis that was better before.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/generate/search_config.h"

namespace braid {

// What a search asks of a decoder. Hypotheses are numbered in the order of the last call; those of
// one sample stand side by side, samples in rising order. A sample that is done is not asked about
// again.
class NextTokens {
 public:
  virtual ~NextTokens() = default;
  virtual int64_t vocabulary() const = 0;
  virtual int64_t end() const = 0;  // id of the token that ends a text
  // Hypothesis i continues hypothesis parents[i] of the last call by tokens[i], and is of sample
  // samples[i]; on the first call parents and tokens are empty and there is one hypothesis a
  // sample, its beginning. Out: logits, valid until the next call; -inf: impossible. // [n, V]
  virtual std::span<const float> advance(std::span<const int64_t> samples,
                                         std::span<const int64_t> parents,
                                         std::span<const int64_t> tokens) = 0;
};

struct Written {
  std::vector<int64_t> tokens;  // without the end token
  double log_probability = 0;
  double score = 0;
  bool ended = false;               // by the end token or a stop string, not by max_tokens
  std::optional<std::string> text;  // where a stop string ended it: what stands before; the tokens
                                    // are left as they are. Else the caller decodes them
};

struct SearchContext {
  // Tokens to text; needed with stop strings only. Called for a whole hypothesis at every step.
  std::function<std::string(std::span<const int64_t>)> decode;
  std::function<bool()> interrupted;  // asked before every step; empty: never
  uint64_t seed = 0;                  // of draws
  std::vector<int64_t> numbers;       // of the samples, for draws and messages; empty: 0, 1, ...
};

// Out: for each of `samples` its texts, best first: up to config.best. config.max_tokens must be
// resolved. Throws Error(kConfig) as check() does, Error(kShape) for logits of another size,
// Error(kInternal) for logits that are no distribution, Error(kInterrupted). One thread.
std::vector<std::vector<Written>> write_texts(NextTokens& decoder, int64_t samples,
                                              const SearchConfig& config,
                                              const SearchContext& context = {});

}  // namespace braid
