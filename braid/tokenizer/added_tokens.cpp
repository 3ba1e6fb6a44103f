#include "braid/tokenizer/added_tokens.h"

#include <algorithm>

namespace braid {

AddedMatcher::AddedMatcher(std::vector<AddedToken> tokens) {
  std::stable_sort(tokens.begin(), tokens.end(),
                   [](const auto& a, const auto& b) { return a.text.size() > b.text.size(); });
  for (auto& token : tokens) {
    if (token.text.empty()) continue;
    by_first_byte_[static_cast<uint8_t>(token.text[0])].push_back(std::move(token));
  }
}

const AddedToken* AddedMatcher::match(std::string_view text) const {
  for (const auto& token : by_first_byte_[static_cast<uint8_t>(text[0])]) {
    if (text.starts_with(token.text)) return &token;
  }
  return nullptr;
}

void AddedMatcher::split(std::string_view text,
                         const std::function<void(std::string_view)>& on_text,
                         const std::function<void(int64_t)>& on_token) const {
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const AddedToken* token = match(text.substr(at));
    if (!token) {
      ++at;
      continue;
    }
    if (at > begin) on_text(text.substr(begin, at - begin));
    on_token(token->id);
    at += token->text.size();
    begin = at;
  }
  if (begin < text.size()) on_text(text.substr(begin));
}

}  // namespace braid
