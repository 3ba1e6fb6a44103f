#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "braid/tokenizer/text_changes.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

const std::unordered_map<std::string_view, char32_t>& entities() {
  static const std::unordered_map<std::string_view, char32_t> table = {
#include "braid/tokenizer/html_entities.inc"
  };
  return table;
}

// U+0080 .. U+009F are taken for the Windows characters that their writers meant.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

bool is_no_character(char32_t code) {
  if (code < 0x20) return code != '\t' && code != '\n' && code != '\f' && code != '\r';
  return code == 0x7f || (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

void append_number(char32_t code, std::string& out) {
  constexpr char32_t kReplacement = 0xfffd;
  if (code == 0 || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    append_utf8(kReplacement, out);
  } else if (code >= 0x80 && code < 0xa0) {
    append_utf8(kWindows1252[code - 0x80], out);
  } else if (!is_no_character(code)) {
    append_utf8(code, out);
  }
}

int digit_value(char c, int base) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return base == 16 && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// "#65;" or "#x41" at the beginning of `text`: its length, or 0 where there is none.
size_t read_number(std::string_view text, std::string& out) {
  size_t at = 1;
  const int base = at < text.size() && (text[at] | 0x20) == 'x' ? 16 : 10;
  if (base == 16) ++at;
  const size_t digits = at;
  char32_t code = 0;
  for (; at < text.size() && digit_value(text[at], base) >= 0; ++at) {
    constexpr char32_t kTooLarge = 0x110000;
    code = std::min<char32_t>(code * base + digit_value(text[at], base), kTooLarge);
  }
  if (at == digits) return 0;
  append_number(code, out);
  return at < text.size() && text[at] == ';' ? at + 1 : at;
}

// "amp;", or the longest name of Latin-1 that needs no semicolon.
size_t read_name(std::string_view text, std::string& out) {
  constexpr size_t kLongestName = 32;
  constexpr char32_t kLatin1End = 0x100;
  const size_t size = std::min({text.find_first_of("\t\n\f <&#;"), text.size(), kLongestName});
  for (size_t length = size; length > 1; --length) {
    const auto found = entities().find(text.substr(0, length));
    if (found == entities().end()) continue;
    const bool closed = length == size && size < text.size() && text[size] == ';';
    if (!closed && found->second >= kLatin1End) continue;
    append_utf8(found->second, out);
    return closed ? length + 1 : length;
  }
  return 0;
}

}  // namespace

std::string without_entities(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t next = text.find('&', at);
    if (next == text.npos) return out.append(text, at);
    out.append(text, at, next - at);
    const std::string_view rest = text.substr(next + 1);
    const size_t length = rest.starts_with('#') ? read_number(rest, out) : read_name(rest, out);
    if (length == 0) out += '&';
    at = next + 1 + length;
  }
  return out;
}

}  // namespace braid
