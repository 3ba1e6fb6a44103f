// BPE (Sennrich et al. 2016) as HF's tokenizer.json describes it: letters first, then merges.
#include <nlohmann/json.hpp>
#include <optional>

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
  BpeModel(BpeRules rules, const std::vector<Merge>& merges, const Vocabulary& vocabulary)
      : rules_(std::move(rules)), table_(merges), vocabulary_(vocabulary) {
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

// "a b" or ["a", "b"]
std::pair<std::string, std::string> merge_halves(const JsonView& json) {
  const nlohmann::json& item = json.value();
  if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string()) {
    return {item[0].get<std::string>(), item[1].get<std::string>()};
  }
  if (item.is_string()) {
    const auto& text = json.text();
    const size_t space = text.find(' ');
    if (space != text.npos && text.find(' ', space + 1) == text.npos) {
      return {text.substr(0, space), text.substr(space + 1)};
    }
  }
  json.fail("expected \"a b\" or [\"a\", \"b\"]");
}

int32_t merge_id(const JsonView& json, const Vocabulary& vocabulary, const std::string& token) {
  const int64_t id = vocabulary.find(token);
  if (id < 0) json.fail("'" + token + "' is not in model.vocab");
  return static_cast<int32_t>(id);
}

std::vector<Merge> read_merges(const JsonView& list, const Vocabulary& vocabulary,
                               const std::string& prefix) {
  std::vector<Merge> merges;
  std::unordered_map<uint64_t, size_t, PairHash> seen;
  for (size_t rank = 0; rank < list.size(); ++rank) {
    const JsonView item = list.item(rank);
    const auto [left, right] = merge_halves(item);
    if (right.size() < prefix.size()) item.fail("'" + right + "' is shorter than the prefix");
    const Merge merge{merge_id(item, vocabulary, left), merge_id(item, vocabulary, right),
                      merge_id(item, vocabulary, left + right.substr(prefix.size()))};
    if (!seen.try_emplace(pair_key(merge.left, merge.right), rank).second) {
      item.fail("repeats an earlier merge");
    }
    merges.push_back(merge);
  }
  return merges;
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
  auto merges = read_merges(json.member("merges"), vocabulary, rules.prefix);
  return std::make_unique<BpeModel>(std::move(rules), merges, vocabulary);
}

}  // namespace braid
