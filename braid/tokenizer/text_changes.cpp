#include "braid/tokenizer/text_changes.h"

#include <array>
#include <utility>

#include "braid/tokenizer/normalizer.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

// HF's ranges: they leave out U+2B820 .. U+2B91F, which BERT's own code has.
constexpr std::array<std::pair<char32_t, char32_t>, 8> kIdeographs = {{{0x3400, 0x4dbf},
                                                                       {0x4e00, 0x9fff},
                                                                       {0xf900, 0xfaff},
                                                                       {0x20000, 0x2a6df},
                                                                       {0x2a700, 0x2b73f},
                                                                       {0x2b740, 0x2b81f},
                                                                       {0x2b920, 0x2ceaf},
                                                                       {0x2f800, 0x2fa1f}}};

bool is_ideograph(char32_t code) {
  for (const auto& [first, last] : kIdeographs) {
    if (code >= first && code <= last) return true;
  }
  return false;
}

// Calls change(code, out) for every character; what it appends is the new text.
template <class Change>
std::string each_character(std::string_view text, Change&& change) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) change(next_code_point(text, at), out);
  return out;
}

std::string without_controls(std::string_view text) {
  return each_character(text, [](char32_t code, std::string& out) {
    constexpr char32_t kVerticalTab = 0x0b, kFormFeed = 0x0c, kNextLine = 0x85;
    const bool odd_space = code == kVerticalTab || code == kFormFeed || code == kNextLine;
    if (odd_space || code == 0xfffd || is_control(code)) return;
    if (char_class(code) == CharClass::kSpace) {
      out += ' ';
    } else {
      append_utf8(code, out);
    }
  });
}

std::string with_lone_ideographs(std::string_view text) {
  return each_character(text, [](char32_t code, std::string& out) {
    const bool lone = is_ideograph(code);
    if (lone) out += ' ';
    append_utf8(code, out);
    if (lone) out += ' ';
  });
}

std::string without_accents(std::string_view text) {
  return each_character(normalize(text, {NormalStep::kNfd}), [](char32_t code, std::string& out) {
    if (!is_accent(code)) append_utf8(code, out);
  });
}

}  // namespace

std::string without_marks(std::string_view text) {
  return each_character(text, [](char32_t code, std::string& out) {
    if (!is_mark(code)) append_utf8(code, out);
  });
}

std::string stripped(std::string_view text, bool left, bool right) {
  while (left && !text.empty()) {
    size_t next = 0;
    if (char_class(next_code_point(text, next)) != CharClass::kSpace) break;
    text.remove_prefix(next);
  }
  while (right && !text.empty()) {
    size_t last = text.size();
    if (char_class(previous_code_point(text, last)) != CharClass::kSpace) break;
    text.remove_suffix(text.size() - last);
  }
  return std::string(text);
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  size_t at = 0;
  for (size_t found; !from.empty() && (found = text.find(from, at)) != text.npos;) {
    out.append(text, at, found - at).append(to);
    at = found + from.size();
  }
  return out.append(text, at);
}

std::string bert_cleaned(std::string text, const BertCleaning& cleaning) {
  if (cleaning.clean_text) text = without_controls(text);
  if (cleaning.chinese_chars) text = with_lone_ideographs(text);
  if (cleaning.strip_accents) text = without_accents(text);
  if (cleaning.lowercase) text = normalize(text, {NormalStep::kLowercase});
  return text;
}

}  // namespace braid
