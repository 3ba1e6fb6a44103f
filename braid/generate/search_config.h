// The recipe keys of how a decoder's text is searched for. Torch-free.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/core/error.h"

namespace braid {

struct SearchConfig {
  int64_t beam = 1;
  double length_penalty = 1;
  int64_t best = 1;
  bool sample = false;
  double temperature = 1;
  int64_t top_k = 0;
  double top_p = 1;
  double repetition_penalty = 1;
  int64_t max_tokens = 0;
  int64_t min_tokens = 0;
  std::vector<std::string> stop;
};

template <class Field>
void visit(Field&& field, SearchConfig& c) {
  field("beam", c.beam, closed<int64_t>(1, 64), "hypotheses kept a sample; 1: greedy");
  field("length_penalty", c.length_penalty, at_least(0.0),
        "score = log p / tokens^this; 0: log p itself, larger: longer texts");
  field("best", c.best, closed<int64_t>(1, 64),
        "texts a sample: the best `beam` found, or so many draws");
  field("sample", c.sample, "draw each token instead of taking the most probable");
  field("temperature", c.temperature, above(0.0),
        "of draws: logits are divided by it; below 1 probable tokens are drawn more often");
  field("top_k", c.top_k, at_least<int64_t>(0),
        "draws are of the k most probable tokens; 0: of all");
  field("top_p", c.top_p, Range<double>{[](double p) { return p > 0 && p <= 1; }, "(0, 1]"},
        "draws are of the nucleus: the fewest tokens, of those top_k leaves, that hold this much "
        "probability");
  field("repetition_penalty", c.repetition_penalty, at_least(1.0),
        "the logit of a token already written is divided by it where positive, else multiplied");
  field("max_tokens", c.max_tokens, closed<int64_t>(0, 4096),
        "most tokens of a text, its end included; 0: as many as in training");
  field("min_tokens", c.min_tokens, closed<int64_t>(0, 4096),
        "tokens before the end token may be chosen; a stop string ends a text all the same");
  field("stop", c.stop, "the text ends before the first of these strings");
}

namespace search_detail {

[[noreturn]] inline void refuse(const ConfigNode* node, const std::string& message) {
  if (node) node->fail(message);
  throw Error(ErrorCode::kConfig, message);
}

// The bounds of visit() for values that no recipe gave.
struct BoundCheck {
  const ConfigNode* node;

  template <class T>
  void operator()(const char*, T&, const char*) const {}
  template <class T>
  void operator()(const char* name, T& value, const Range<T>& range, const char*) const {
    if (!range.holds(value))
      refuse(node, std::string(name) + ": expected " + range.words + ", got " + number_text(value));
  }
};

}  // namespace search_detail

// Throws Error(kConfig), at `node` where it is given, for keys that do not go together.
inline void check(SearchConfig config, const ConfigNode* node = nullptr) {
  visit(search_detail::BoundCheck{node}, config);
  const auto refuse = [node](const std::string& message) { search_detail::refuse(node, message); };
  if (config.sample && config.beam > 1)
    refuse("sample: expected beam 1, as draws keep no beam, got beam " + number_text(config.beam));
  if (!config.sample && config.best > config.beam)
    refuse("best: expected at most beam " + number_text(config.beam) + " without `sample`, got " +
           number_text(config.best));
  if (config.max_tokens > 0 && config.min_tokens > config.max_tokens)
    refuse("min_tokens: expected at most max_tokens " + number_text(config.max_tokens) + ", got " +
           number_text(config.min_tokens));
  if (std::find(config.stop.begin(), config.stop.end(), "") != config.stop.end())
    refuse("stop: expected strings to end a text at, got an empty one, which all texts begin with");
}

}  // namespace braid
