#include "braid/tokenizer/byte_letters.h"

#include <array>

#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

constexpr char32_t kFirstSpare = 0x100;
constexpr char32_t kLettersEnd = kFirstSpare + 68;

struct ByteLetters {
  std::array<std::string, 256> letter;
  std::array<int, kLettersEnd> byte;  // -1: stands for none

  ByteLetters() {
    byte.fill(-1);
    char32_t spare = kFirstSpare;
    for (char32_t b = 0; b < 256; ++b) {
      const bool printable =
          (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
      const char32_t code = printable ? b : spare++;
      append_utf8(code, letter[b]);
      byte[code] = static_cast<int>(b);
    }
  }
};

const ByteLetters& byte_letters() {
  static const ByteLetters table;
  return table;
}

}  // namespace

const std::string& byte_letter(uint8_t byte) { return byte_letters().letter[byte]; }

std::string to_letters(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char byte : bytes) out += byte_letter(static_cast<uint8_t>(byte));
  return out;
}

std::optional<std::string> from_letters(std::string_view letters) {
  std::string out;
  for (size_t at = 0; at < letters.size();) {
    const char32_t code = next_code_point(letters, at);
    if (code >= kLettersEnd || byte_letters().byte[code] < 0) return std::nullopt;
    out += static_cast<char>(byte_letters().byte[code]);
  }
  return out;
}

}  // namespace braid
