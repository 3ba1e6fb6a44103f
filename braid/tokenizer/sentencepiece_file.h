// A SentencePiece .model: a protobuf (sentencepiece_model.proto, Google 2018), read by hand.
// libsentencepiece reads them too, and ends the program on some that are damaged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace braid {

// Numbers as in the file.
enum class PieceType : uint8_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6,
};

struct Piece {
  std::string text;
  float score = 0;
  PieceType type = PieceType::kNormal;
};

struct SentencePieceParts {
  std::vector<Piece> pieces;   // by id; none empty, no two the same, exactly one unknown
  bool bpe = false;            // else unigram
  bool byte_fallback = false;  // all 256 byte pieces are there
  bool blank_as_suffix = false;
  bool add_dummy_prefix = true;
  bool remove_extra_blanks = true;
  bool escape_blanks = true;
  std::string charsmap;
  std::string bos = "<s>", eos = "</s>", pad = "<pad>";
  std::string unknown_surface = " \xe2\x81\x87 ";  // what decode writes for an unknown piece
};

// Throws Error(kInput, where: ...) for what is no such file, contradicts itself or is not
// supported.
SentencePieceParts read_sentencepiece_file(const std::string& bytes, const std::string& where);

}  // namespace braid
