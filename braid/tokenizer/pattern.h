// What a tokenizer.json cuts text at: a literal, or a regular expression. The expressions of GPT-2,
// CLIP, GPT-4, GPT-4o and Qwen are known and scanned by hand; ICU reads every other one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "braid/tokenizer/json_view.h"

namespace braid {

using MatchVisitor = std::function<void(size_t begin, size_t end)>;  // begin < end

class Pattern {
 public:
  virtual ~Pattern() = default;
  // The leftmost matches in order, none overlapping, none empty. The text must be valid UTF-8. Many
  // threads. Throws Error(kLimit) where an expression takes too long.
  virtual void find(std::string_view text, const MatchVisitor& visit) const = 0;
};

std::unique_ptr<Pattern> literal_pattern(const std::string& literal);
// `where` is for messages. Throws Error(kInput) for what is no expression, or means something else
// in ICU than in Oniguruma, which HF uses.
std::unique_ptr<Pattern> regex_pattern(const std::string& expression, const std::string& where);

// A hand-written scanner for exactly this expression, or null.
std::unique_ptr<Pattern> known_pattern(std::string_view expression);
std::unique_ptr<Pattern> icu_pattern(const std::string& expression, const std::string& where);

// {"String": "x"} or {"Regex": "x"}; also a bare text, as {"String"}.
std::unique_ptr<Pattern> read_pattern(const JsonView& json);

}  // namespace braid
