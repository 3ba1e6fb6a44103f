// Tokens that stand outside BPE: special ones, and words a user added.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

struct AddedToken {
  std::string text;
  int64_t id = 0;
  bool special = true;      // left out by decode
  bool normalized = false;  // looked for after normalisation, not before
};

// Finds added tokens in text: the leftmost, and the longest of those.
class AddedMatcher {
 public:
  explicit AddedMatcher(std::vector<AddedToken> tokens);

  // Calls `on_text` for what lies between tokens (never empty) and `on_token` for each, in order.
  void split(std::string_view text, const std::function<void(std::string_view)>& on_text,
             const std::function<void(int64_t)>& on_token) const;

 private:
  const AddedToken* match(std::string_view text) const;  // at its beginning

  std::array<std::vector<AddedToken>, 256> by_first_byte_;  // longest first
};

}  // namespace braid
