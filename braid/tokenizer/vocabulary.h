// Tokens by id and ids by token.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace braid {

// A longer token is refused: it makes hostile text slow, and no tokenizer has one.
inline constexpr size_t kLongestToken = 4096;  // bytes

std::string byte_token(uint8_t byte);  // "<0xE7>"

class Vocabulary {
 public:
  // Ids are 0 .. most - 1. Said first, so that a huge id cannot take memory.
  explicit Vocabulary(size_t most) : most_(most) { ids_.reserve(most); }

  // Nothing where all is well, else what is wrong: an id out of range or taken, a token that is
  // empty, too long or has another id already.
  [[nodiscard]] std::string add(const std::string& token, int64_t id);
  // A token that the model does not know of; no change where it does.
  [[nodiscard]] std::string add_outside(const std::string& token, int64_t id);
  // The same for the whole: an id that no token has.
  [[nodiscard]] std::string gap() const;

  int64_t find(std::string_view token) const;      // the model's; -1 when absent
  int64_t find_any(std::string_view token) const;  // those outside too
  const std::string& token(int64_t id) const { return tokens_[static_cast<size_t>(id)]; }
  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view token) const { return std::hash<std::string_view>()(token); }
  };

  size_t most_;
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int64_t, Hash, std::equal_to<>> ids_;
  std::vector<bool> outside_;  // by id
};

}  // namespace braid
