// SentencePiece (Kudo and Richardson 2018), unigram and BPE, from a .model file.
#include <algorithm>
#include <cfloat>
#include <optional>

#include "braid/core/error.h"
#include "braid/tokenizer/decoder.h"
#include "braid/tokenizer/scored_bpe.h"
#include "braid/tokenizer/sentencepiece_normalizer.h"
#include "braid/tokenizer/special_ids.h"
#include "braid/tokenizer/text_changes.h"
#include "braid/tokenizer/tokenizer.h"
#include "braid/tokenizer/unicode.h"
#include "braid/tokenizer/unigram.h"

namespace braid {
namespace {

Vocabulary vocabulary_of(const std::vector<Piece>& pieces, const std::string& where) {
  Vocabulary vocabulary(pieces.size());
  for (size_t id = 0; id < pieces.size(); ++id) {
    const auto problem = vocabulary.add(pieces[id].text, static_cast<int64_t>(id));
    if (!problem.empty()) throw Error(ErrorCode::kInput, where + ": " + problem);
  }
  return vocabulary;
}

// unigram_model.cc: the unknown costs 10 more than the worst piece; a user-defined piece always
// wins, whatever its length (its highest score starts from FLT_MIN there, so it is above zero).
UnigramTable unigram_table(const std::vector<Piece>& pieces, int64_t unknown) {
  constexpr float kUnknownPenalty = 10;
  float lowest = FLT_MAX, highest = FLT_MIN;
  for (const auto& piece : pieces) {
    if (piece.type != PieceType::kNormal) continue;
    lowest = std::min(lowest, piece.score);
    highest = std::max(highest, piece.score);
  }
  UnigramTable table;
  std::vector<std::pair<std::string, int32_t>> keys;
  for (const auto& piece : pieces) {
    const bool user_defined = piece.type == PieceType::kUserDefined;
    table.scores.push_back(user_defined ? static_cast<double>(piece.text.size() * highest) - 0.1
                                        : piece.score);
    if (!user_defined && piece.type != PieceType::kNormal) continue;
    keys.emplace_back(piece.text, static_cast<int32_t>(table.scores.size() - 1));
  }
  table.trie = PrefixTrie(std::move(keys));
  table.unknown_score = lowest - kUnknownPenalty;
  table.unknown = unknown;
  table.single_precision = true;
  return table;
}

class SentencePieceTokenizer final : public Tokenizer {
 public:
  SentencePieceTokenizer(SentencePieceParts parts, std::string bytes, const std::string& where)
      : parts_(std::move(parts)),
        bytes_(std::move(bytes)),
        vocabulary_(vocabulary_of(parts_.pieces, where)),
        normalizer_(parts_, where) {
    for (size_t id = 0; id < parts_.pieces.size(); ++id) {
      if (type(static_cast<int64_t>(id)) == PieceType::kUnknown) {
        ids_.unknown = static_cast<int64_t>(id);
      }
    }
    find_specials();
    if (parts_.bpe) {
      bpe_.emplace(parts_.pieces, vocabulary_);
    } else {
      unigram_ = unigram_table(parts_.pieces, ids_.unknown);
    }
    if (ids_.eos >= 0) frame_.suffix = {ids_.eos};
  }

  std::vector<int64_t> encode(std::string_view text) const override {
    const std::string normal = normalizer_.apply(repair_utf8(text));
    std::vector<int64_t> ids;
    bool after_unknown = false;
    const auto add = [&](std::string_view piece, int64_t id) {
      const bool unknown = type(id) == PieceType::kUnknown;
      if (unknown && parts_.byte_fallback) {
        for (const char byte : piece) {
          ids.push_back(vocabulary_.find(byte_token(static_cast<uint8_t>(byte))));
        }
      } else if (!unknown || !after_unknown) {
        ids.push_back(id);  // neighbouring unknown pieces are one
      }
      after_unknown = unknown;
    };
    if (bpe_) {
      for (const auto piece : bpe_->cut(normal)) add(piece, id_of(piece));
      return ids;
    }
    size_t at = 0;
    for (const auto& token : best_spelling(normal, unigram_)) {
      add(std::string_view(normal).substr(at, token.length), token.id);
      at += token.length;
    }
    return ids;
  }

  std::string decode(const std::vector<int64_t>& ids) const override {
    std::string text;
    std::vector<std::string> bytes;
    const auto close_bytes = [&] {
      join_byte_tokens(bytes);
      for (const auto& part : bytes) text += part;
      bytes.clear();
    };
    bool at_start = true, blank_taken = false;
    for (const auto id : ids) {
      if (id < 0 || id >= vocabulary()) {
        throw Error(ErrorCode::kInput, "token id " + std::to_string(id) + ": expected 0 .. " +
                                           std::to_string(vocabulary() - 1));
      }
      if (type(id) == PieceType::kByte) {
        bytes.push_back(token(id));
        continue;
      }
      close_bytes();
      at_start = at_start && !blank_taken && text.empty();
      blank_taken = append_piece(id, at_start, text);
    }
    close_bytes();
    return text;
  }

  int64_t vocabulary() const override { return vocabulary_.size(); }
  const std::string& token(int64_t id) const override { return vocabulary_.token(id); }
  std::string readable(int64_t id) const override { return token(id); }
  bool is_special(int64_t id) const override {
    return type(id) == PieceType::kControl || id == ids_.pad || id == ids_.mask;
  }
  const SpecialIds& special_ids() const override { return ids_; }
  const TokenFrame& frame() const override { return frame_; }
  TokenizerFile file() const override { return {".model", bytes_}; }
  std::vector<std::pair<std::string, std::string>> summary() const override {
    return {{"model", std::string("SentencePiece ") + (parts_.bpe ? "BPE" : "unigram") +
                          (parts_.byte_fallback ? ", byte fallback" : "")},
            {"normalizer", parts_.charsmap.empty() ? "none" : "precompiled character map"}};
  }

 private:
  PieceType type(int64_t id) const { return parts_.pieces.at(static_cast<size_t>(id)).type; }

  void find_specials() {
    const int64_t unknown = ids_.unknown;
    ids_ = find_special_ids([&](std::string_view name) { return vocabulary_.find(name); });
    const auto control = [&](const std::string& name) {
      const int64_t id = vocabulary_.find(name);
      return id >= 0 && type(id) == PieceType::kControl ? id : int64_t{-1};
    };
    ids_.bos = control(parts_.bos);
    ids_.eos = control(parts_.eos);
    ids_.pad = control(parts_.pad);
    ids_.unknown = unknown;
  }

  int64_t id_of(std::string_view piece) const {
    const int64_t id = vocabulary_.find(piece);
    return id < 0 ? ids_.unknown : id;
  }

  // Says whether the blank that begins the text was dropped.
  bool append_piece(int64_t id, bool at_start, std::string& text) const {
    if (is_special(id)) return false;
    if (type(id) == PieceType::kUnknown) {
      text += parts_.unknown_surface;
      return false;
    }
    std::string_view piece = token(id);
    const bool drops = at_start && (parts_.add_dummy_prefix || parts_.remove_extra_blanks) &&
                       piece.starts_with(kBlankLetter);
    if (drops) piece.remove_prefix(kBlankLetter.size());
    text += replaced(piece, kBlankLetter, " ");
    return drops && !parts_.remove_extra_blanks;
  }

  SentencePieceParts parts_;
  std::string bytes_;
  Vocabulary vocabulary_;
  SentencePieceNormalizer normalizer_;
  SpecialIds ids_;
  TokenFrame frame_;
  std::optional<ScoredBpe> bpe_;
  UnigramTable unigram_;
};

}  // namespace

std::unique_ptr<Tokenizer> read_sentencepiece(const std::string& bytes, const std::string& where) {
  return std::make_unique<SentencePieceTokenizer>(read_sentencepiece_file(bytes, where), bytes,
                                                  where);
}

}  // namespace braid
