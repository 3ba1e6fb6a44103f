#include "braid/tokenizer/prefix_trie.h"

#include <algorithm>
#include <queue>

namespace braid {
namespace {

// Keys that share their first `depth` bytes, all below one node.
struct KeyRange {
  size_t node, begin, end, depth;
};

}  // namespace

PrefixTrie::PrefixTrie(std::vector<std::pair<std::string, int32_t>> keys) {
  std::stable_sort(keys.begin(), keys.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  nodes_.emplace_back();
  std::queue<KeyRange> open;
  open.push({0, 0, keys.size(), 0});
  for (; !open.empty(); open.pop()) {
    auto [node, begin, end, depth] = open.front();
    for (; begin < end && keys[begin].first.size() == depth; ++begin) {
      if (depth > 0) nodes_[node].value = keys[begin].second;
    }
    nodes_[node].first_child = static_cast<uint32_t>(nodes_.size());
    while (begin < end) {
      const char label = keys[begin].first[depth];
      size_t next = begin;
      while (next < end && keys[next].first[depth] == label) ++next;
      open.push({nodes_.size(), begin, next, depth + 1});
      nodes_.push_back({0, 0, static_cast<uint8_t>(label), -1});
      ++nodes_[node].children;
      begin = next;
    }
  }
}

size_t PrefixTrie::child(size_t node, uint8_t label) const {
  const auto begin = nodes_.begin() + nodes_[node].first_child;
  const auto end = begin + nodes_[node].children;
  const auto found = std::lower_bound(
      begin, end, label, [](const Node& one, uint8_t wanted) { return one.label < wanted; });
  return found == end || found->label != label ? 0 : static_cast<size_t>(found - nodes_.begin());
}

}  // namespace braid
