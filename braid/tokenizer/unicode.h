// UTF-8 and what the pre-tokeniser must know of Unicode.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace braid {

enum class CharClass : uint8_t { kSpace, kLetter, kNumber, kOther };

// \s, \p{L}, \p{N} of a regular expression, or none of them.
CharClass char_class(char32_t code);

// The code point at `at`, which then moves behind it. The text must be valid UTF-8.
char32_t next_code_point(std::string_view text, size_t& at);

void append_utf8(char32_t code, std::string& out);

// Replaces every maximal ill-formed part by U+FFFD, as browsers, Rust and Python do.
std::string repair_utf8(std::string_view text);

// Nothing but white space, or nothing at all. The text must be valid UTF-8.
bool is_blank(std::string_view text);

}  // namespace braid
