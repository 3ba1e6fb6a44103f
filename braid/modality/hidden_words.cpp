#include "braid/modality/hidden_words.h"

#include <algorithm>

#include <unicode/unistr.h>

#include "braid/core/error.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

std::string folded(std::string_view text) {
  std::string out;
  const auto length = static_cast<int32_t>(text.size());
  icu::UnicodeString::fromUTF8({text.data(), length}).foldCase().toUTF8String(out);
  return out;
}

bool is_word_part(char32_t code) {
  const auto kind = char_class(code);
  return kind == CharClass::kLetter || kind == CharClass::kNumber || is_mark(code);
}

bool is_hyphen(char32_t code) { return code == U'-' || code == U'\u2010' || code == U'\u2011'; }

// Where the word that begins at `at` ends: hyphens count between parts of words only.
size_t end_of_word(std::string_view text, size_t at) {
  size_t end = at;
  bool after_hyphen = true;  // none leads
  while (at < text.size()) {
    const auto code = next_code_point(text, at);
    if (is_word_part(code)) {
      end = at;
      after_hyphen = false;
    } else if (is_hyphen(code) && !after_hyphen) {
      after_hyphen = true;
    } else {
      break;
    }
  }
  return end;
}

// Where the pieces of a word begin, and, shifted by the hyphen, end.
std::vector<std::pair<size_t, size_t>> pieces_of(std::string_view word) {
  std::vector<std::pair<size_t, size_t>> pieces;
  size_t begin = 0;
  for (size_t at = 0; at < word.size();) {
    const size_t before = at;
    if (!is_hyphen(next_code_point(word, at))) continue;
    pieces.emplace_back(begin, before);
    begin = at;
  }
  pieces.emplace_back(begin, word.size());
  return pieces;
}

}  // namespace

HiddenWords::HiddenWords(const std::vector<std::string>& hidden) {
  for (const auto& word : hidden) {
    const bool begins = word.ends_with('*');
    auto own = folded(begins ? std::string_view(word).substr(0, word.size() - 1) : word);
    const bool whole = !own.empty() && end_of_word(own, 0) == own.size();
    if (!whole) {
      throw Error(ErrorCode::kConfig,
                  "hide: '" + word + "': expected a word of letters, digits and hyphens within, or " +
                      "the beginning of one and *");
    }
    (begins ? begins_ : exact_).push_back(std::move(own));
  }
}

bool HiddenWords::matches(std::string_view lower) const {
  return std::ranges::find(exact_, lower) != exact_.end();
}

bool HiddenWords::hides(std::string_view word) const {
  const std::string lower = folded(word);
  const auto pieces = pieces_of(lower);
  for (size_t first = 0; first < pieces.size(); ++first) {
    const auto rest = std::string_view(lower).substr(pieces[first].first);
    if (std::ranges::any_of(begins_, [&](const auto& begin) { return rest.starts_with(begin); }))
      return true;
    for (size_t last = first; last < pieces.size(); ++last) {
      if (matches(rest.substr(0, pieces[last].second - pieces[first].first))) return true;
    }
  }
  return false;
}

std::string HiddenWords::without(std::string_view text) const {
  std::string kept;
  for (size_t at = 0; at < text.size();) {
    size_t next = at;
    if (!is_word_part(next_code_point(text, next))) {
      kept += text.substr(at, next - at);
      at = next;
      continue;
    }
    const size_t end = end_of_word(text, at);
    if (!hides(text.substr(at, end - at))) kept += text.substr(at, end - at);
    at = end;
  }
  return is_blank(kept) && !is_blank(text) ? "-" : kept;
}

}  // namespace braid
