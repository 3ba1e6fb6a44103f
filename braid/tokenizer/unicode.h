// UTF-8 and what the pre-tokeniser must know of Unicode.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace braid {

enum class CharClass : uint8_t { kSpace, kLetter, kNumber, kOther };

// \s, \p{L}, \p{N} of a regular expression, or none of them.
CharClass char_class(char32_t code);

// \p{Lu}\p{Lt}, \p{Ll}, or \p{Lm}\p{Lo}\p{M}, which have no case and pass for both.
enum class LetterCase : uint8_t { kNone, kUpper, kLower, kBoth };
LetterCase letter_case(char32_t code);

bool is_punctuation(char32_t code);  // \p{P}, and what ASCII prints that is no letter or digit
bool is_digit(char32_t code);        // \p{Nd}
bool is_mark(char32_t code);         // \p{M}: accents, vowel signs, enclosing circles
bool is_accent(char32_t code);       // \p{Mn}
bool is_control(char32_t code);      // \p{Cc}, \p{Cf}, \p{Co}; not white space
bool is_word(char32_t code);         // \w: letters, marks, digits, connectors and joiners

// The code point at `at`, which then moves behind it. The text must be valid UTF-8.
char32_t next_code_point(std::string_view text, size_t& at);

// The code point that ends before `at`, which then moves to its start. The same.
char32_t previous_code_point(std::string_view text, size_t& at);

void append_utf8(char32_t code, std::string& out);

// Replaces every maximal ill-formed part by U+FFFD, as browsers, Rust and Python do.
std::string repair_utf8(std::string_view text);

// Nothing but white space, or nothing at all. The text must be valid UTF-8.
bool is_blank(std::string_view text);

}  // namespace braid
