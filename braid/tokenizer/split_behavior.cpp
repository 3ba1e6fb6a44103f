#include "braid/tokenizer/split_behavior.h"

#include <array>
#include <vector>

namespace braid {
namespace {

constexpr std::array<const char*, 5> kBehaviorNames = {"Removed", "Isolated", "MergedWithPrevious",
                                                       "MergedWithNext", "Contiguous"};

struct Stretch {
  size_t begin, end;
  bool delimiter;
};

// Neighbours become one word where `joins(left, right)`.
template <class Joins>
void visit_joined(const std::vector<Stretch>& parts, std::string_view text, bool at_start,
                  const WordVisitor& visit, Joins&& joins) {
  for (size_t i = 0; i < parts.size();) {
    const size_t first = i;
    do ++i;
    while (i < parts.size() && joins(parts[i - 1], parts[i]));
    const size_t begin = parts[first].begin;
    visit(text.substr(begin, parts[i - 1].end - begin), at_start && begin == 0);
  }
}

}  // namespace

SplitBehavior read_behavior(const JsonView& json, SplitBehavior fallback) {
  if (json.is_null()) return fallback;
  for (size_t i = 0; i < kBehaviorNames.size(); ++i) {
    if (json.text() == kBehaviorNames[i]) return static_cast<SplitBehavior>(i);
  }
  json.fail("'" + json.text() +
            "' is not supported: expected Removed, Isolated, MergedWithPrevious, MergedWithNext or "
            "Contiguous");
}

void split_at(const Pattern& pattern, SplitBehavior behavior, bool inverted, std::string_view text,
              bool at_start, const WordVisitor& visit) {
  std::vector<Stretch> parts;
  size_t done = 0;
  pattern.find(text, [&](size_t begin, size_t end) {
    if (begin > done) parts.push_back({done, begin, inverted});
    parts.push_back({begin, end, !inverted});
    done = end;
  });
  if (done < text.size()) parts.push_back({done, text.size(), inverted});
  const auto joined = [&](auto&& joins) { visit_joined(parts, text, at_start, visit, joins); };
  switch (behavior) {
    case SplitBehavior::kRemoved:
      std::erase_if(parts, [](const Stretch& part) { return part.delimiter; });
      return joined([](auto&, auto&) { return false; });
    case SplitBehavior::kIsolated:
      return joined([](auto&, auto&) { return false; });
    case SplitBehavior::kMergedWithPrevious:
      return joined([](auto& l, auto& r) { return r.delimiter && !l.delimiter; });
    case SplitBehavior::kMergedWithNext:
      return joined([](auto& l, auto& r) { return l.delimiter && !r.delimiter; });
    case SplitBehavior::kContiguous:
      return joined([](auto& l, auto& r) { return l.delimiter == r.delimiter; });
  }
}

}  // namespace braid
