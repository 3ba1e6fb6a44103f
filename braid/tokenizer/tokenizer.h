// Text to token ids and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "braid/core/config.h"
#include "braid/core/progress.h"
#include "braid/tokenizer/frame.h"

namespace braid {

// What keeps a tokenizer: the bytes of one file, and how its name ends.
struct TokenizerFile {
  std::string suffix;  // ".json" (HF tokenizer.json) or ".model" (SentencePiece)
  std::string bytes;
};

// Ids of tokens with a meaning of their own; -1 where a tokenizer has no such token.
struct SpecialIds {
  int64_t pad = -1, mask = -1, bos = -1, eos = -1, unknown = -1;
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  // Any bytes are accepted: invalid UTF-8 becomes U+FFFD first. The written name of an added token
  // ("<pad>") becomes that token, as in HF; none is put around the text. Many threads.
  virtual std::vector<int64_t> encode(std::string_view text) const = 0;
  // Special tokens are left out; ids that cut a character in two give U+FFFD. Throws Error(kInput)
  // for an id outside the vocabulary. Many threads.
  virtual std::string decode(const std::vector<int64_t>& ids) const = 0;
  virtual int64_t vocabulary() const = 0;                  // ids are 0 .. vocabulary - 1
  virtual const std::string& token(int64_t id) const = 0;  // as its file writes it
  virtual std::string readable(int64_t id) const = 0;      // for people: "▁狗", "<E7><8B>"
  virtual bool is_special(int64_t id) const = 0;
  virtual const SpecialIds& special_ids() const = 0;
  // What a model gets around every text: what the file says, and the end token if it says none.
  virtual const TokenFrame& frame() const = 0;
  virtual TokenizerFile file() const = 0;
  // "model" -> "BPE, 3840 merges", ...: for people.
  virtual std::vector<std::pair<std::string, std::string>> summary() const = 0;
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
  field("lowercase", c.lowercase,
        "NFC and lowercase before splitting; of a vocab.txt, which does not say: lowercase and no "
        "accents");
  field("min_count", c.min_count, closed<int64_t>(1, 1 << 30),
        "pairs seen less often are not merged");
}

using TextVisitor = std::function<void(std::string_view)>;
using TextSource = std::function<void(const TextVisitor&)>;

// Ids: <pad> <mask> <bos> <eos>, the 256 bytes, then merges by rank. Deterministic: ties go to the
// pair of lower ids. Throws Error(kInput) for an empty corpus.
std::unique_ptr<Tokenizer> train_bpe(const TextSource& corpus, const BpeConfig& config,
                                     const ProgressSink& progress = {});

// Reads what docs/tokenizer.md lists: a HF tokenizer.json, a SentencePiece .model, BERT's
// vocab.txt, CLIP's merges, a folder with vocab.json and merges.txt; any of them gzipped.
// `lowercase` is for vocab.txt alone, which does not say. A file's `truncation` and `padding` are
// not read: lengths are the recipe's. Throws Error(kInput) naming what is not supported,
// Error(kNotFound), Error(kLimit).
std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& path, bool lowercase = true);

// The same for HF tokenizer.json in memory; `where` names the source in messages.
std::unique_ptr<Tokenizer> read_tokenizer_json(const std::string& json, const std::string& where);
// And for the bytes of a SentencePiece .model.
std::unique_ptr<Tokenizer> read_sentencepiece(const std::string& bytes, const std::string& where);

}  // namespace braid
