// WordPiece (Schuster and Nakajima 2012; Devlin et al. 2019): the longest token that the rest of a
// word begins with, again and again; a word that cannot be spelled so is unknown as a whole.
#include "braid/tokenizer/model.h"
#include "braid/tokenizer/prefix_trie.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

class WordPieceModel final : public TokenModel {
 public:
  WordPieceModel(const Vocabulary& vocabulary, const std::string& prefix, size_t most_characters,
                 int64_t unknown)
      : most_characters_(most_characters), unknown_(unknown) {
    std::vector<std::pair<std::string, int32_t>> first, rest;
    for (int64_t id = 0; id < vocabulary.size(); ++id) {
      const std::string& token = vocabulary.token(id);
      first.emplace_back(token, static_cast<int32_t>(id));
      if (!token.starts_with(prefix)) continue;
      rest.emplace_back(token.substr(prefix.size()), static_cast<int32_t>(id));
    }
    first_ = PrefixTrie(std::move(first));
    rest_ = PrefixTrie(std::move(rest));
  }

  void encode(std::string_view word, std::vector<int64_t>& out) const override {
    const size_t before = out.size();
    bool spelled = characters(word) <= most_characters_;
    for (size_t at = 0; spelled && at < word.size();) {
      const auto match = (at == 0 ? first_ : rest_).longest(word.substr(at));
      spelled = match.length > 0;
      at += match.length;
      out.push_back(match.value);
    }
    if (spelled) return;
    out.resize(before);
    out.push_back(unknown_);
  }

  int64_t unknown_id() const override { return unknown_; }
  std::string summary() const override { return "WordPiece"; }

 private:
  static size_t characters(std::string_view word) {
    size_t count = 0;
    for (const char byte : word) count += (static_cast<uint8_t>(byte) & 0xc0) != 0x80;
    return count;
  }

  PrefixTrie first_, rest_;
  size_t most_characters_;
  int64_t unknown_;
};

}  // namespace

std::unique_ptr<TokenModel> read_word_piece(const JsonView& json, const Vocabulary& vocabulary) {
  constexpr int64_t kMostCharacters = 100;
  const JsonView most = json.member("max_input_chars_per_word");
  if (most.integer_or(kMostCharacters) < 0) most.fail("expected at least 0");
  const JsonView name = json.member("unk_token");
  const int64_t unknown = vocabulary.find(name.text_or("[UNK]"));
  if (unknown < 0) name.fail("'" + name.text_or("[UNK]") + "' is not in model.vocab");
  return std::make_unique<WordPieceModel>(
      vocabulary, json.member("continuing_subword_prefix").text_or("##"),
      static_cast<size_t>(most.integer_or(kMostCharacters)), unknown);
}

}  // namespace braid
