// Text to token ids and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "braid/core/config.h"

namespace braid {

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  // Any bytes are accepted: invalid UTF-8 becomes U+FFFD first. The written name of a special token
  // ("<pad>") becomes that token, as in HF; none is added at the ends. Many threads.
  virtual std::vector<int64_t> encode(std::string_view text) const = 0;
  // Special tokens are left out; ids that cut a character in two give U+FFFD. Throws Error(kInput)
  // for an id outside the vocabulary. Many threads.
  virtual std::string decode(const std::vector<int64_t>& ids) const = 0;
  virtual int64_t vocabulary() const = 0;  // ids are 0 .. vocabulary - 1
  virtual bool is_special(int64_t id) const = 0;
  // -1 where a tokenizer from elsewhere has no such token.
  virtual int64_t pad_id() const = 0;
  virtual int64_t mask_id() const = 0;
  virtual int64_t bos_id() const = 0;
  virtual int64_t eos_id() const = 0;
  virtual std::string to_json() const = 0;  // HF tokenizer.json
};

// Byte-level BPE (Sennrich et al. 2016; Radford et al. 2019): any text, any language, no unknowns.
struct BpeConfig {
  int64_t vocabulary = 4096;  // wanted, specials and bytes included; a small corpus gives fewer
  bool lowercase = true;      // false keeps the text byte for byte
  int64_t min_count = 2;      // a pair seen less often is never merged
};

template <class Field>
void visit(Field&& field, BpeConfig& c) {
  field("vocabulary", c.vocabulary, closed<int64_t>(300, 1 << 20),
        "tokens in all, specials and bytes included");
  field("lowercase", c.lowercase, "NFC and lowercase before splitting");
  field("min_count", c.min_count, closed<int64_t>(1, 1 << 30),
        "pairs seen less often are not merged");
}

using TextVisitor = std::function<void(std::string_view)>;
using TextSource = std::function<void(const TextVisitor&)>;

// Ids: <pad> <mask> <bos> <eos>, the 256 bytes, then merges by rank. Deterministic: ties go to the
// pair of lower ids. Throws Error(kInput) for an empty corpus.
std::unique_ptr<Tokenizer> train_bpe(const TextSource& corpus, const BpeConfig& config);

// Reads HF tokenizer.json with a byte-level BPE model. Its `truncation` and `padding` are not read:
// lengths are the recipe's. Throws Error(kInput) naming what is unsupported, Error(kNotFound).
std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& path);

}  // namespace braid
