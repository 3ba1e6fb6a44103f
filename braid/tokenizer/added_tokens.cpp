#include "braid/tokenizer/added_tokens.h"

#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

bool word_before(std::string_view text, size_t at) {
  return at > 0 && is_word(previous_code_point(text, at));
}

bool word_behind(std::string_view text, size_t at) {
  return at < text.size() && is_word(next_code_point(text, at));
}

size_t space_begin(std::string_view text, size_t from, size_t at) {
  for (size_t before = at; at > from; at = before) {
    if (char_class(previous_code_point(text, before)) != CharClass::kSpace) break;
  }
  return at;
}

size_t space_end_at(std::string_view text, size_t at) {
  for (size_t next = at; at < text.size(); at = next) {
    if (char_class(next_code_point(text, next)) != CharClass::kSpace) break;
  }
  return at;
}

}  // namespace

AddedMatcher::AddedMatcher(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::vector<std::pair<std::string, int32_t>> keys;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    keys.emplace_back(tokens_[i].text, static_cast<int32_t>(i));
  }
  trie_ = PrefixTrie(std::move(keys));
}

void AddedMatcher::split(std::string_view text,
                         const std::function<void(std::string_view)>& on_text,
                         const std::function<void(int64_t)>& on_token) const {
  if (trie_.empty()) {
    if (!text.empty()) on_text(text);
    return;
  }
  size_t done = 0;
  for (size_t at = 0; at < text.size();) {
    const auto match = trie_.longest(text.substr(at));
    if (match.length == 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[static_cast<size_t>(match.value)];
    size_t begin = at, end = at + match.length;
    at = end;
    if (token.single_word && (word_before(text, begin) || word_behind(text, end))) continue;
    if (token.lstrip) begin = space_begin(text, done, begin);
    if (token.rstrip) at = end = space_end_at(text, end);
    if (begin > done) on_text(text.substr(done, begin - done));
    on_token(token.id);
    done = end;
  }
  if (done < text.size()) on_text(text.substr(done));
}

}  // namespace braid
