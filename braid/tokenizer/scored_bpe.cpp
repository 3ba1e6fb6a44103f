#include "braid/tokenizer/scored_bpe.h"

#include <map>
#include <queue>
#include <utility>

#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

constexpr int64_t kNoPiece = -1;

// A stretch of the text; empty once it was merged into its left neighbour.
struct TextSymbol {
  std::string_view text;
  int64_t previous, next;
  bool frozen;
};

struct ScoredPair {
  float score;
  int64_t left, right;
  size_t size;
  bool operator<(const ScoredPair& other) const {
    return score != other.score ? score < other.score : left > other.left;
  }
};

std::vector<TextSymbol> text_symbols(std::string_view text, const PrefixTrie& whole) {
  std::vector<TextSymbol> symbols;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    next_code_point(text, end);
    const size_t kept = whole.longest(text.substr(at)).length;
    const size_t size = kept > 0 ? kept : end - at;
    const auto index = static_cast<int64_t>(symbols.size());
    at += size;
    symbols.push_back({text.substr(at - size, size), index - 1,
                       at < text.size() ? index + 1 : kNoPiece, kept > 0});
  }
  return symbols;
}

// The two texts that a merge joined, so that an unused piece can be taken apart again.
using Halves = std::map<std::string_view, std::pair<std::string_view, std::string_view>>;

}  // namespace

ScoredBpe::ScoredBpe(const std::vector<Piece>& pieces, const Vocabulary& vocabulary)
    : pieces_(pieces), vocabulary_(vocabulary) {
  std::vector<std::pair<std::string, int32_t>> keys;
  for (const auto& piece : pieces) {
    if (piece.type == PieceType::kUserDefined) keys.emplace_back(piece.text, 0);
  }
  whole_ = PrefixTrie(std::move(keys));
}

int64_t ScoredBpe::merged_id(std::string_view text) const {
  const int64_t id = text.size() > kLongestToken ? kNoPiece : vocabulary_.find(text);
  if (id < 0) return kNoPiece;
  const PieceType type = pieces_[static_cast<size_t>(id)].type;
  const bool of_text =
      type == PieceType::kNormal || type == PieceType::kUserDefined || type == PieceType::kUnused;
  return of_text ? id : kNoPiece;
}

std::vector<std::string_view> ScoredBpe::cut(std::string_view text) const {
  auto symbols = text_symbols(text, whole_);
  std::priority_queue<ScoredPair> pairs;
  Halves halves;
  const auto offer = [&](int64_t left, int64_t right) {
    if (left == kNoPiece || right == kNoPiece) return;
    const TextSymbol &l = symbols[left], &r = symbols[right];
    if (l.frozen || r.frozen) return;
    const std::string_view both(l.text.data(), l.text.size() + r.text.size());
    const int64_t id = merged_id(both);
    if (id == kNoPiece) return;
    const Piece& piece = pieces_[static_cast<size_t>(id)];
    pairs.push({piece.score, left, right, both.size()});
    if (piece.type == PieceType::kUnused) halves.insert_or_assign(both, std::pair(l.text, r.text));
  };
  for (size_t i = 1; i < symbols.size(); ++i) {
    offer(static_cast<int64_t>(i) - 1, static_cast<int64_t>(i));
  }
  while (!pairs.empty()) {
    const ScoredPair best = pairs.top();
    pairs.pop();
    TextSymbol &left = symbols[best.left], &right = symbols[best.right];
    const bool stale = left.text.empty() || right.text.empty() ||
                       left.text.size() + right.text.size() != best.size;
    if (stale) continue;
    left.text = std::string_view(left.text.data(), best.size);
    left.next = right.next;
    if (right.next != kNoPiece) symbols[right.next].previous = best.left;
    right.text = {};
    offer(left.previous, best.left);
    offer(best.left, left.next);
  }
  std::vector<std::string_view> out;
  std::vector<std::string_view> open;  // to be taken apart, the leftmost last
  for (const auto& symbol : symbols) {
    if (!symbol.text.empty()) open.push_back(symbol.text);
    while (!open.empty()) {
      const std::string_view piece = open.back();
      open.pop_back();
      const int64_t id = merged_id(piece);
      const bool unused =
          id != kNoPiece && pieces_[static_cast<size_t>(id)].type == PieceType::kUnused;
      const auto parts = unused ? halves.find(piece) : halves.end();
      if (parts == halves.end()) {
        out.push_back(piece);
      } else {
        open.push_back(parts->second.second);
        open.push_back(parts->second.first);
      }
    }
  }
  return out;
}

}  // namespace braid
