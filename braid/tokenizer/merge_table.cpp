#include "braid/tokenizer/merge_table.h"

#include <queue>
#include <tuple>

namespace braid {
namespace {

constexpr int64_t kNoSymbol = -1;

// A token of the word that is being merged; a linked list over positions.
struct WordSymbol {
  int32_t id;  // kNoSymbol once it was merged into its left neighbour
  int64_t previous;
  int64_t next;
};

struct MergeCandidate {
  int32_t rank;
  int64_t left;
  bool operator>(const MergeCandidate& other) const {
    return std::tie(rank, left) > std::tie(other.rank, other.left);
  }
};

using MergeCandidates =
    std::priority_queue<MergeCandidate, std::vector<MergeCandidate>, std::greater<MergeCandidate>>;

std::vector<WordSymbol> linked_symbols(const std::vector<int32_t>& letters) {
  std::vector<WordSymbol> symbols(letters.size());
  const auto size = static_cast<int64_t>(letters.size());
  for (int64_t i = 0; i < size; ++i) {
    symbols[i] = {letters[i], i - 1, i + 1 < size ? i + 1 : kNoSymbol};
  }
  return symbols;
}

void join_with_next(std::vector<WordSymbol>& symbols, int64_t left, int32_t result) {
  WordSymbol& gone = symbols[symbols[left].next];
  symbols[left].id = result;
  symbols[left].next = gone.next;
  if (gone.next != kNoSymbol) symbols[gone.next].previous = left;
  gone.id = kNoSymbol;
}

}  // namespace

MergeTable::MergeTable(const std::vector<Merge>& merges) {
  entries_.reserve(merges.size());
  for (const auto& merge : merges) {
    entries_.try_emplace(pair_key(merge.left, merge.right),
                         Entry{static_cast<int32_t>(entries_.size()), merge.result});
  }
}

const MergeTable::Entry* MergeTable::find(int32_t left, int32_t right) const {
  const auto found = entries_.find(pair_key(left, right));
  return found == entries_.end() ? nullptr : &found->second;
}

void MergeTable::apply(const std::vector<int32_t>& letters, std::vector<int64_t>& out) const {
  auto symbols = linked_symbols(letters);
  MergeCandidates candidates;
  const auto entry_at = [&](int64_t left) -> const Entry* {
    if (left == kNoSymbol || symbols[left].id == kNoSymbol || symbols[left].next == kNoSymbol)
      return nullptr;
    return find(symbols[left].id, symbols[symbols[left].next].id);
  };
  const auto offer = [&](int64_t left) {
    if (const auto* entry = entry_at(left)) candidates.push({entry->rank, left});
  };
  for (size_t i = 0; i < symbols.size(); ++i) offer(static_cast<int64_t>(i));
  while (!candidates.empty()) {
    const MergeCandidate best = candidates.top();
    candidates.pop();
    const Entry* entry = entry_at(best.left);
    if (!entry || entry->rank != best.rank) continue;  // its pair changed since it was offered
    join_with_next(symbols, best.left, entry->result);
    offer(symbols[best.left].previous);
    offer(best.left);
  }
  for (const auto& symbol : symbols) {
    if (symbol.id != kNoSymbol) out.push_back(symbol.id);
  }
}

}  // namespace braid
