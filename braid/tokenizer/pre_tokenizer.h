// How a tokenizer.json cuts text into the words that its model then encodes, one by one.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "braid/tokenizer/json_view.h"

namespace braid {

// `at_start`: the word begins where the user's text begins. The view is good during the call.
using WordVisitor = std::function<void(std::string_view word, bool at_start)>;

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  // Words in order, none empty. The text must be valid UTF-8. Many threads.
  virtual void cut(std::string_view text, bool at_start, const WordVisitor& visit) const = 0;
};

// null: the whole text is one word. Throws Error(kInput) naming what is not known.
std::unique_ptr<PreTokenizer> read_pre_tokenizer(const JsonView& json, int depth = 0);

}  // namespace braid
