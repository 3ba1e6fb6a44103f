#include "braid/tokenizer/sentencepiece_file.h"

#include <cmath>
#include <unordered_set>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/tokenizer/protobuf.h"
#include "braid/tokenizer/vocabulary.h"

namespace braid {
namespace {

using Wire = ProtobufField::Wire;

class SentencePieceReader {
 public:
  explicit SentencePieceReader(const std::string& where) : where_(where) {}

  SentencePieceParts read(std::string_view bytes) {
    message(bytes, "the file", [&](const ProtobufField& field) {
      if (field.wire != Wire::kBytes) return;
      if (field.number == 1) read_piece(field.bytes);
      if (field.number == 2) read_trainer(field.bytes);
      if (field.number == 3) read_normalizer(field.bytes);
      if (field.number == 5) read_denormalizer(field.bytes);
    });
    check_pieces();
    return std::move(parts_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorCode::kInput, where_ + ": " + message);
  }

  template <class Visit>
  void message(std::string_view bytes, const std::string& name, Visit&& visit) const {
    if (!visit_fields(bytes, visit)) fail("not a SentencePiece model: " + name + " is no protobuf");
  }

  void read_piece(std::string_view bytes) {
    const std::string name = "piece " + std::to_string(parts_.pieces.size());
    Piece piece;
    message(bytes, name, [&](const ProtobufField& field) {
      if (field.number == 1 && field.wire == Wire::kBytes) piece.text = field.bytes;
      if (field.number == 2 && field.wire == Wire::kFixed32) piece.score = field.number32();
      if (field.number == 3 && field.wire == Wire::kVarint) {
        if (field.varint < 1 || field.varint > 6) {
          fail(name + ": type " + std::to_string(field.varint) + ": expected 1 .. 6");
        }
        piece.type = static_cast<PieceType>(field.varint);
      }
    });
    if (piece.text.empty() || piece.text.size() > kLongestToken || !valid_utf8(piece.text)) {
      fail(name + ": expected UTF-8 of 1 .. " + std::to_string(kLongestToken) + " bytes");
    }
    constexpr float kMostScore = 1e30f;  // sums stay finite
    if (!(std::abs(piece.score) <= kMostScore)) {
      fail(name + " '" + piece.text + "': score " + std::to_string(piece.score) +
           ": expected -1e30 .. 1e30");
    }
    parts_.pieces.push_back(std::move(piece));
  }

  void read_trainer(std::string_view bytes) {
    message(bytes, "trainer_spec", [&](const ProtobufField& field) {
      if (field.wire == Wire::kVarint) {
        if (field.number == 3) read_model_type(field.varint);
        if (field.number == 24) parts_.blank_as_suffix = field.varint != 0;
        if (field.number == 35) parts_.byte_fallback = field.varint != 0;
      } else if (field.wire == Wire::kBytes) {
        if (field.number == 44) parts_.unknown_surface = text(field, "unk_surface");
        if (field.number == 46) parts_.bos = text(field, "bos_piece");
        if (field.number == 47) parts_.eos = text(field, "eos_piece");
        if (field.number == 48) parts_.pad = text(field, "pad_piece");
      }
    });
  }

  void read_model_type(uint64_t type) {
    if (type != 1 && type != 2) {
      const std::string name = type == 3 ? "word" : type == 4 ? "char" : std::to_string(type);
      fail("trainer_spec.model_type " + name + " is not supported: expected unigram or bpe");
    }
    parts_.bpe = type == 2;
  }

  void read_normalizer(std::string_view bytes) {
    message(bytes, "normalizer_spec", [&](const ProtobufField& field) {
      if (field.number == 2 && field.wire == Wire::kBytes) parts_.charsmap = field.bytes;
      if (field.wire != Wire::kVarint) return;
      if (field.number == 3) parts_.add_dummy_prefix = field.varint != 0;
      if (field.number == 4) parts_.remove_extra_blanks = field.varint != 0;
      if (field.number == 5) parts_.escape_blanks = field.varint != 0;
    });
  }

  void read_denormalizer(std::string_view bytes) const {
    message(bytes, "denormalizer_spec", [&](const ProtobufField& field) {
      if (field.number == 2 && field.wire == Wire::kBytes && !field.bytes.empty()) {
        fail("denormalizer_spec.precompiled_charsmap is not supported");
      }
    });
  }

  std::string text(const ProtobufField& field, const char* name) const {
    if (!valid_utf8(field.bytes)) fail(std::string("trainer_spec.") + name + " is not UTF-8");
    return std::string(field.bytes);
  }

  void check_pieces() const {
    std::unordered_set<std::string_view> seen;
    size_t unknown = 0, bytes = 0;
    for (const auto& piece : parts_.pieces) {
      if (!seen.insert(piece.text).second) fail("piece '" + piece.text + "' is there twice");
      unknown += piece.type == PieceType::kUnknown;
      bytes += piece.type == PieceType::kByte;
    }
    if (unknown != 1) {
      fail("has " + std::to_string(unknown) + " pieces of type unknown: expected one");
    }
    if (!parts_.byte_fallback) return;
    for (int byte = 0; byte < 256; ++byte) {
      if (!seen.contains(byte_token(static_cast<uint8_t>(byte)))) {
        fail("byte_fallback without the piece " + byte_token(static_cast<uint8_t>(byte)));
      }
    }
  }

  std::string where_;
  SentencePieceParts parts_;
};

}  // namespace

SentencePieceParts read_sentencepiece_file(const std::string& bytes, const std::string& where) {
  return SentencePieceReader(where).read(bytes);
}

}  // namespace braid
