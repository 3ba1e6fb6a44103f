// BPE (Sennrich et al. 2016) as HF's tokenizer.json describes it: letters first, then merges.
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "braid/tokenizer/merge_table.h"
#include "braid/tokenizer/model.h"
#include "braid/tokenizer/unicode.h"
#include "braid/tokenizer/word_cache.h"

namespace braid {
namespace {

struct BpeRules {
  std::string prefix, suffix;  // of letters that do not begin, and of the one that ends a word
  int64_t unknown = -1;
  bool fuse_unknown = false;   // neighbours become one
  bool byte_fallback = false;  // <0xE7> for what has no token
  bool whole_words = false;    // a word that is a token is not merged up
};

class BpeModel final : public TokenModel {
 public:
  BpeModel(BpeRules rules, MergeTable table, const Vocabulary& vocabulary)
      : rules_(std::move(rules)), table_(std::move(table)), vocabulary_(vocabulary) {
    for (int byte = 0; byte < 256; ++byte) {
      bytes_[byte] = static_cast<int32_t>(vocabulary.find(byte_token(static_cast<uint8_t>(byte))));
    }
  }

  void encode(std::string_view word, std::vector<int64_t>& out) const override {
    if (rules_.whole_words) {
      if (const int64_t id = vocabulary_.find(word); id >= 0) return out.push_back(id);
    }
    if (cache_.find(word, out)) return;
    std::vector<int64_t> tokens;
    table_.apply(letters(word), tokens);
    out.insert(out.end(), tokens.begin(), tokens.end());
    cache_.put(word, std::move(tokens));
  }

  int64_t unknown_id() const override { return rules_.unknown; }
  std::string summary() const override {
    return "BPE, " + std::to_string(table_.size()) + " merges" +
           (rules_.byte_fallback ? ", byte fallback" : "");
  }

 private:
  std::vector<int32_t> letters(std::string_view word) const {
    std::vector<int32_t> ids;
    bool unknown_open = false;  // an unknown letter that waits for neighbours to fuse with
    const auto unknown = static_cast<int32_t>(rules_.unknown);
    const auto close = [&] {
      if (unknown_open) ids.push_back(unknown);
      unknown_open = false;
    };
    std::string letter;
    for (size_t at = 0; at < word.size();) {
      const size_t begin = at;
      next_code_point(word, at);
      letter = begin > 0 ? rules_.prefix : "";
      letter.append(word, begin, at - begin);
      if (at == word.size()) letter += rules_.suffix;
      if (const int64_t id = vocabulary_.find(letter); id >= 0) {
        close();
        ids.push_back(static_cast<int32_t>(id));
      } else if (!append_bytes(letter, ids) && unknown >= 0) {
        if (!rules_.fuse_unknown) close();
        unknown_open = true;
      }
    }
    close();
    return ids;
  }

  bool append_bytes(const std::string& letter, std::vector<int32_t>& ids) const {
    if (!rules_.byte_fallback) return false;
    const size_t before = ids.size();
    for (const char byte : letter) {
      ids.push_back(bytes_[static_cast<uint8_t>(byte)]);
      if (ids.back() >= 0) continue;
      ids.resize(before);
      return false;
    }
    return true;
  }

  BpeRules rules_;
  MergeTable table_;
  const Vocabulary& vocabulary_;
  ByteIds bytes_{};
  mutable WordCache cache_;
};

using Halves = std::pair<std::string_view, std::string_view>;

// "a b" or ["a", "b"]
std::optional<Halves> merge_halves(const nlohmann::json& item) {
  const auto text = [](const nlohmann::json& json) -> std::string_view {
    return json.get_ref<const std::string&>();
  };
  if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string()) {
    return Halves{text(item[0]), text(item[1])};
  }
  if (!item.is_string()) return std::nullopt;
  const size_t space = text(item).find(' ');
  if (space == std::string::npos || text(item).find(' ', space + 1) != std::string::npos) {
    return std::nullopt;
  }
  return Halves{text(item).substr(0, space), text(item).substr(space + 1)};
}

// There are many: a JsonView, which knows its path, is made for the merge that is refused.
std::vector<Merge> read_merges(const JsonView& list, const Vocabulary& vocabulary,
                               const std::string& prefix) {
  const size_t count = list.size();
  std::vector<Merge> merges;
  merges.reserve(count);
  std::string result;
  for (size_t rank = 0; rank < count; ++rank) {
    const auto halves = merge_halves(list.value()[rank]);
    if (!halves) list.item(rank).fail("expected \"a b\" or [\"a\", \"b\"]");
    const auto [left, right] = *halves;
    const auto id_of = [&](std::string_view token) {
      const int64_t id = vocabulary.find(token);
      if (id < 0) list.item(rank).fail("'" + std::string(token) + "' is not in model.vocab");
      return static_cast<int32_t>(id);
    };
    if (right.size() < prefix.size()) {
      list.item(rank).fail("'" + std::string(right) + "' is shorter than the prefix");
    }
    result.assign(left).append(right.substr(prefix.size()));
    const int32_t left_id = id_of(left), right_id = id_of(right);
    merges.push_back({left_id, right_id, id_of(result)});
  }
  return merges;
}

[[noreturn]] void refuse_repetition(const JsonView& list, const std::vector<Merge>& merges) {
  std::set<uint64_t> seen;
  size_t rank = 0;
  while (seen.insert(pair_key(merges[rank].left, merges[rank].right)).second) ++rank;
  list.item(rank).fail("repeats an earlier merge");
}

}  // namespace

std::unique_ptr<TokenModel> read_bpe(const JsonView& json, const Vocabulary& vocabulary) {
  const JsonView dropout = json.member("dropout");
  if (!dropout.is_null() && dropout.number() != 0) {
    dropout.fail("random merges are not supported: expected null");
  }
  BpeRules rules;
  rules.prefix = json.member("continuing_subword_prefix").text_or("");
  rules.suffix = json.member("end_of_word_suffix").text_or("");
  rules.fuse_unknown = json.member("fuse_unk").flag(false);
  rules.byte_fallback = json.member("byte_fallback").flag(false);
  rules.whole_words = json.member("ignore_merges").flag(false);
  const JsonView unknown = json.member("unk_token");
  if (!unknown.is_null()) {
    rules.unknown = vocabulary.find(unknown.text());
    if (rules.unknown < 0) unknown.fail("'" + unknown.text() + "' is not in model.vocab");
  }
  const JsonView list = json.member("merges");
  const auto merges = read_merges(list, vocabulary, rules.prefix);
  MergeTable table(merges);
  if (table.size() < merges.size()) refuse_repetition(list, merges);
  return std::make_unique<BpeModel>(std::move(rules), std::move(table), vocabulary);
}

}  // namespace braid
