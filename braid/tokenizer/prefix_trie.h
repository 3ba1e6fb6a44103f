// Finds which of many texts another text begins with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace braid {

// A byte trie in one array: the children of a node lie side by side, sorted by label.
class PrefixTrie {
 public:
  struct Match {
    size_t length = 0;  // 0: none
    int64_t value = -1;
  };

  PrefixTrie() : PrefixTrie(std::vector<std::pair<std::string, int32_t>>()) {}
  // Keys with values >= 0; of equal keys the last counts. Empty keys are left out.
  explicit PrefixTrie(std::vector<std::pair<std::string, int32_t>> keys);

  bool empty() const { return nodes_.size() == 1; }

  // The longest key that `text` begins with.
  Match longest(std::string_view text) const {
    Match best;
    each(text, [&](size_t length, int64_t value) { best = {length, value}; });
    return best;
  }

  // visit(length, value) for every key that `text` begins with, the shortest first.
  template <class Visit>
  void each(std::string_view text, Visit&& visit) const {
    size_t node = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      node = child(node, static_cast<uint8_t>(text[i]));
      if (node == 0) return;
      if (nodes_[node].value >= 0) visit(i + 1, nodes_[node].value);
    }
  }

 private:
  struct Node {
    uint32_t first_child = 0;
    uint16_t children = 0;
    uint8_t label = 0;
    int32_t value = -1;
  };
  size_t child(size_t node, uint8_t label) const;  // 0: none, the root is nobody's child

  std::vector<Node> nodes_;
};

}  // namespace braid
