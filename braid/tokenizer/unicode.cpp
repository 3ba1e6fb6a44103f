#include "braid/tokenizer/unicode.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <array>

#include "braid/core/text.h"

namespace braid {
namespace {

CharClass look_up_class(char32_t code) {
  const auto c = static_cast<UChar32>(code);
  if (u_isUWhiteSpace(c)) return CharClass::kSpace;
  const uint32_t category = U_GET_GC_MASK(c);
  if (category & U_GC_L_MASK) return CharClass::kLetter;
  if (category & U_GC_N_MASK) return CharClass::kNumber;
  return CharClass::kOther;
}

bool has_category(char32_t code, uint32_t mask) {
  return (U_GET_GC_MASK(static_cast<UChar32>(code)) & mask) != 0;
}

}  // namespace

CharClass char_class(char32_t code) {
  static const auto ascii = [] {
    std::array<CharClass, 128> table;
    for (char32_t c = 0; c < 128; ++c) table[c] = look_up_class(c);
    return table;
  }();
  return code < 128 ? ascii[code] : look_up_class(code);
}

LetterCase letter_case(char32_t code) {
  if (has_category(code, U_GC_LU_MASK | U_GC_LT_MASK)) return LetterCase::kUpper;
  if (has_category(code, U_GC_LL_MASK)) return LetterCase::kLower;
  if (has_category(code, U_GC_LM_MASK | U_GC_LO_MASK | U_GC_M_MASK)) return LetterCase::kBoth;
  return LetterCase::kNone;
}

bool is_punctuation(char32_t code) {
  if (code < 128) return code > ' ' && code < 127 && char_class(code) == CharClass::kOther;
  return has_category(code, U_GC_P_MASK);
}

bool is_digit(char32_t code) { return has_category(code, U_GC_ND_MASK); }
bool is_mark(char32_t code) { return has_category(code, U_GC_M_MASK); }
bool is_accent(char32_t code) { return has_category(code, U_GC_MN_MASK); }

bool is_control(char32_t code) {
  return has_category(code, U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK) &&
         char_class(code) != CharClass::kSpace;
}

bool is_word(char32_t code) {
  const auto c = static_cast<UChar32>(code);
  return has_category(code, U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK) ||
         u_hasBinaryProperty(c, UCHAR_ALPHABETIC) || u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL);
}

char32_t next_code_point(std::string_view text, size_t& at) {
  const auto byte = [&] { return static_cast<unsigned char>(text[at++]); };
  const unsigned lead = byte();
  if (lead < 0x80) return lead;
  if (lead < 0xe0) return (lead & 0x1f) << 6 | (byte() & 0x3f);
  char32_t code = lead & (lead < 0xf0 ? 0x0f : 0x07);
  for (int rest = lead < 0xf0 ? 2 : 3; rest > 0; --rest) code = code << 6 | (byte() & 0x3f);
  return code;
}

char32_t previous_code_point(std::string_view text, size_t& at) {
  do --at;
  while ((static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  size_t start = at;
  return next_code_point(text, start);
}

void append_utf8(char32_t code, std::string& out) {
  char bytes[U8_MAX_LENGTH];
  int32_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, code);
  out.append(bytes, static_cast<size_t>(size));
}

std::string repair_utf8(std::string_view text) {
  if (valid_utf8(text)) return std::string(text);
  constexpr char32_t kReplacement = 0xfffd;
  std::string out;
  out.reserve(text.size());
  const auto size = static_cast<int64_t>(text.size());
  for (int64_t at = 0; at < size;) {
    UChar32 code;
    U8_NEXT(text.data(), at, size, code);
    append_utf8(code < 0 ? kReplacement : static_cast<char32_t>(code), out);
  }
  return out;
}

bool is_blank(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (char_class(next_code_point(text, at)) != CharClass::kSpace) return false;
  }
  return true;
}

}  // namespace braid
