#include "braid/tokenizer/bpe.h"

#include <algorithm>
#include <initializer_list>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/unicode.h"
#include "braid/tokenizer/word_cache.h"
#include "braid/tokenizer/words.h"

namespace braid {
namespace {

std::vector<AddedToken> added_where(const std::vector<AddedToken>& tokens, bool normalized) {
  std::vector<AddedToken> chosen;
  for (const auto& token : tokens) {
    if (token.normalized != normalized) continue;
    chosen.push_back(token);
  }
  return chosen;
}

std::vector<AddedToken> normalized_tokens(const BpeParts& parts) {
  auto tokens = added_where(parts.added, true);
  for (auto& token : tokens) token.text = normalize(token.text, parts.normalizer);
  return tokens;
}

int64_t find_added(const BpeParts& parts, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    for (const auto& token : parts.added) {
      if (token.text == name) return token.id;
    }
  }
  return -1;
}

class BpeTokenizer final : public Tokenizer {
 public:
  explicit BpeTokenizer(BpeParts parts)
      : parts_(std::move(parts)),
        table_(parts_.bytes, parts_.merges),
        raw_(added_where(parts_.added, false)),
        normalized_(normalized_tokens(parts_)),
        special_(parts_.tokens.size()) {
    for (const auto& letters : parts_.tokens) {
      bytes_.push_back(from_letters(letters).value_or(letters));
    }
    for (const auto& token : parts_.added) {
      bytes_[token.id] = token.text;
      special_[token.id] = token.special;
    }
    pad_ = find_added(parts_, {"<pad>", "[PAD]", "<|pad|>"});
    mask_ = find_added(parts_, {"<mask>", "[MASK]", "<|mask|>"});
    bos_ = find_added(parts_, {"<bos>", "<s>", "[CLS]", "<|startoftext|>", "<|endoftext|>"});
    eos_ = find_added(parts_, {"<eos>", "</s>", "[SEP]", "<|endoftext|>"});
  }

  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids;
    const auto on_token = [&](int64_t id) { ids.push_back(id); };
    const auto on_words = [&](std::string_view piece) {
      scan_words(piece, [&](std::string_view word) { encode_word(word, ids); });
    };
    const auto on_text = [&](std::string_view piece) {
      normalized_.split(normalize(piece, parts_.normalizer), on_words, on_token);
    };
    raw_.split(repair_utf8(text), on_text, on_token);
    return ids;
  }

  std::string decode(const std::vector<int64_t>& ids) const override {
    std::string bytes;
    for (const auto id : ids) {
      if (id < 0 || id >= vocabulary()) {
        throw Error(ErrorCode::kInput, "token id " + std::to_string(id) + ": expected 0 .. " +
                                           std::to_string(vocabulary() - 1));
      }
      if (!special_[id]) bytes += bytes_[id];
    }
    return repair_utf8(bytes);
  }

  int64_t vocabulary() const override { return static_cast<int64_t>(parts_.tokens.size()); }
  bool is_special(int64_t id) const override { return special_.at(static_cast<size_t>(id)); }
  int64_t pad_id() const override { return pad_; }
  int64_t mask_id() const override { return mask_; }
  int64_t bos_id() const override { return bos_; }
  int64_t eos_id() const override { return eos_; }
  std::string to_json() const override { return write_tokenizer_json(parts_); }

 private:
  void encode_word(std::string_view word, std::vector<int64_t>& ids) const {
    if (cache_.find(word, ids)) return;
    std::vector<int64_t> tokens;
    table_.encode_word(word, tokens);
    ids.insert(ids.end(), tokens.begin(), tokens.end());
    cache_.put(word, std::move(tokens));
  }

  BpeParts parts_;
  MergeTable table_;
  AddedMatcher raw_;
  AddedMatcher normalized_;
  std::vector<std::string> bytes_;  // by id
  std::vector<bool> special_;       // by id
  int64_t pad_, mask_, bos_, eos_;
  mutable WordCache cache_;
};

}  // namespace

std::unique_ptr<Tokenizer> make_bpe(BpeParts parts) {
  return std::make_unique<BpeTokenizer>(std::move(parts));
}

std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& path) {
  constexpr uint64_t kMostBytes = uint64_t{1} << 28;
  return make_bpe(read_tokenizer_json(read_text(path, kMostBytes), path.string()));
}

}  // namespace braid
