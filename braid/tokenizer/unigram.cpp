#include "braid/tokenizer/unigram.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "braid/tokenizer/model.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

constexpr double kUnknownPenalty = 10;

// The best way to a place in the text.
struct Arrival {
  double score = 0;
  size_t from = SIZE_MAX;  // SIZE_MAX: no way yet
  int64_t id = -1;
};

class UnigramModel final : public TokenModel {
 public:
  UnigramModel(UnigramTable table, const Vocabulary& vocabulary, bool byte_fallback)
      : table_(std::move(table)) {
    if (!byte_fallback) return;
    for (int byte = 0; byte < 256; ++byte) {
      bytes_.push_back(vocabulary.find(byte_token(static_cast<uint8_t>(byte))));
    }
  }

  void encode(std::string_view word, std::vector<int64_t>& out) const override {
    size_t at = 0, unknown_begin = 0;
    const auto close_unknown = [&] {
      if (unknown_begin < at) append_unknown(word.substr(unknown_begin, at - unknown_begin), out);
    };
    for (const auto& token : best_spelling(word, table_)) {
      if (token.id != table_.unknown) {
        close_unknown();
        out.push_back(token.id);
        unknown_begin = at + token.length;
      }
      at += token.length;
    }
    close_unknown();
  }

  int64_t unknown_id() const override { return table_.unknown; }
  std::string summary() const override {
    return std::string("Unigram") + (bytes_.empty() ? "" : ", byte fallback");
  }

 private:
  // Neighbouring unknown characters are one.
  void append_unknown(std::string_view text, std::vector<int64_t>& out) const {
    const size_t before = out.size();
    for (const char byte : bytes_.empty() ? std::string_view() : text) {
      out.push_back(bytes_[static_cast<uint8_t>(byte)]);
    }
    const auto added = out.begin() + static_cast<int64_t>(before);
    if (added != out.end() && std::find(added, out.end(), -1) == out.end()) return;
    out.resize(before);
    out.push_back(table_.unknown);
  }

  UnigramTable table_;
  std::vector<int64_t> bytes_;  // by byte, where unknown text is spelled in bytes
};

}  // namespace

std::vector<UnigramToken> best_spelling(std::string_view text, const UnigramTable& table) {
  std::vector<Arrival> arrivals(text.size() + 1);
  const auto offer = [&](size_t from, size_t to, double score, int64_t id) {
    Arrival& there = arrivals[to];
    const double sum = score + arrivals[from].score;
    if (there.from != SIZE_MAX && !(sum > there.score)) return;
    there = {table.single_precision ? static_cast<float>(sum) : sum, from, id};
  };
  for (size_t at = 0; at < text.size();) {
    size_t next = at;
    next_code_point(text, next);
    bool spelled = false;  // by a token of one character
    table.trie.each(text.substr(at), [&](size_t length, int64_t id) {
      offer(at, at + length, table.scores[static_cast<size_t>(id)], id);
      spelled = spelled || length == next - at;
    });
    if (!spelled) offer(at, next, table.unknown_score, table.unknown);
    at = next;
  }
  std::vector<UnigramToken> tokens;
  for (size_t end = text.size(); end > 0; end = arrivals[end].from) {
    tokens.push_back({end - arrivals[end].from, arrivals[end].id});
  }
  std::reverse(tokens.begin(), tokens.end());
  return tokens;
}

std::unique_ptr<TokenModel> read_unigram(const JsonView& json, const Vocabulary& vocabulary) {
  const JsonView list = json.member("vocab"), unknown = json.member("unk_id");
  if (unknown.is_null()) unknown.fail("null is not supported: expected the id of <unk>");
  UnigramTable table;
  table.unknown = unknown.integer();
  if (table.unknown < 0 || table.unknown >= static_cast<int64_t>(list.size())) {
    unknown.fail("expected 0 .. " + std::to_string(list.size()) + " - 1, got " +
                 std::to_string(table.unknown));
  }
  std::vector<std::pair<std::string, int32_t>> keys;
  double lowest = 0;
  for (size_t id = 0; id < list.size(); ++id) {
    const JsonView score = list.item(id).item(1);
    table.scores.push_back(score.number());
    if (!std::isfinite(table.scores.back())) score.fail("expected a finite number");
    lowest = id == 0 ? table.scores[0] : std::min(lowest, table.scores.back());
    keys.emplace_back(vocabulary.token(static_cast<int64_t>(id)), static_cast<int32_t>(id));
  }
  table.trie = PrefixTrie(std::move(keys));
  table.unknown_score = lowest - kUnknownPenalty;
  return std::make_unique<UnigramModel>(std::move(table), vocabulary,
                                        json.member("byte_fallback").flag(false));
}

}  // namespace braid
