#include "braid/tokenizer/vocabulary.h"

namespace braid {

std::string byte_token(uint8_t byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  return {'<', '0', 'x', kDigits[byte / 16], kDigits[byte % 16], '>'};
}

std::string Vocabulary::add(const std::string& token, int64_t id) {
  const std::string number = std::to_string(id);
  if (token.empty()) return "token " + number + " is empty";
  if (token.size() > kLongestToken) {
    return "token " + number + " has " + std::to_string(token.size()) +
           " bytes: expected at most " + std::to_string(kLongestToken);
  }
  if (id < 0 || static_cast<size_t>(id) >= most_) {
    return "ids have a gap: '" + token + "' has id " + number + " among " + std::to_string(most_) +
           " tokens";
  }
  const auto [entry, fresh] = ids_.try_emplace(token, id);
  if (!fresh && entry->second != id) {
    return "token '" + token + "' has two ids: " + std::to_string(entry->second) + " and " + number;
  }
  const auto at = static_cast<size_t>(id);
  if (at >= tokens_.size()) tokens_.resize(at + 1), outside_.resize(at + 1);
  if (!tokens_[at].empty() && tokens_[at] != token) {
    return "id " + number + " belongs to '" + tokens_[at] + "' and '" + token + "'";
  }
  tokens_[at] = token;
  return "";
}

std::string Vocabulary::add_outside(const std::string& token, int64_t id) {
  const bool known = ids_.contains(token);
  std::string problem = add(token, id);
  if (problem.empty() && !known) outside_[static_cast<size_t>(id)] = true;
  return problem;
}

std::string Vocabulary::gap() const {
  for (size_t id = 0; id < tokens_.size(); ++id) {
    if (tokens_[id].empty()) {
      return "ids have a gap: no token has id " + std::to_string(id) + ", the highest is " +
             std::to_string(tokens_.size() - 1);
    }
  }
  return "";
}

int64_t Vocabulary::find(std::string_view token) const {
  const int64_t id = find_any(token);
  return id >= 0 && outside_[static_cast<size_t>(id)] ? -1 : id;
}

int64_t Vocabulary::find_any(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? -1 : found->second;
}

}  // namespace braid
