#include "braid/metric/caption/words.h"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>
#include <unicode/uversion.h>

#include <memory>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/metric/caption/ptb_words.h"

namespace braid {
namespace {

constexpr WordRule kAllWordRules[] = {WordRule::kPtb, WordRule::kSpaces, WordRule::kCharacters,
                                      WordRule::kIcu};

// Scripts that write words without blanks between them.
bool stands_alone(char32_t code) {
  const auto line = u_getIntPropertyValue(static_cast<UChar32>(code), UCHAR_LINE_BREAK);
  return u_hasBinaryProperty(static_cast<UChar32>(code), UCHAR_IDEOGRAPHIC) ||
         line == U_LB_IDEOGRAPHIC || line == U_LB_CONDITIONAL_JAPANESE_STARTER;
}

Words space_words(std::string_view text) {
  Words words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    if (end > at) words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

Words character_words(std::string_view text) {
  Words words;
  bool open = false;  // does a letter go on with the last word?
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    const int32_t begin = at;
    UChar32 code = 0;
    U8_NEXT(text.data(), at, size, code);
    const auto letter = text.substr(static_cast<size_t>(begin), static_cast<size_t>(at - begin));
    const bool mark = (U_GET_GC_MASK(code) & U_GC_M_MASK) != 0;
    if (!u_isalnum(code) && !mark) {
      open = false;
    } else if (stands_alone(static_cast<char32_t>(code))) {
      words.emplace_back(letter);
      open = false;
    } else if (open || (mark && !words.empty())) {
      words.back() += letter;
    } else {
      words.emplace_back(letter);
      open = true;
    }
  }
  return words;
}

// Opening the dictionaries takes milliseconds: one iterator a thread.
icu::BreakIterator& word_breaks() {
  thread_local std::unique_ptr<icu::BreakIterator> breaks;
  if (!breaks) {
    UErrorCode status = U_ZERO_ERROR;
    breaks.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    if (U_FAILURE(status)) {
      throw Error(ErrorCode::kInternal,
                  std::string("ICU has no word breaks: ") + u_errorName(status));
    }
  }
  return *breaks;
}

Words icu_words(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  UText* source = utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &status);
  auto& breaks = word_breaks();
  breaks.setText(source, status);
  Words words;
  int32_t begin = breaks.first();
  for (int32_t end = breaks.next(); end != icu::BreakIterator::DONE; end = breaks.next()) {
    if (breaks.getRuleStatus() >= UBRK_WORD_NONE_LIMIT) {  // a number, a word, an ideograph
      words.emplace_back(text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
    }
    begin = end;
  }
  utext_close(source);
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kInternal, std::string("ICU word breaks: ") + u_errorName(status));
  }
  return words;
}

}  // namespace

std::string_view word_rule_name(WordRule rule) {
  switch (rule) {
    case WordRule::kPtb: return "ptb";
    case WordRule::kSpaces: return "spaces";
    case WordRule::kCharacters: return "characters";
    case WordRule::kIcu: break;
  }
  return "icu";
}

std::vector<std::string> word_rule_names() {
  std::vector<std::string> names;
  for (const auto rule : kAllWordRules) names.emplace_back(word_rule_name(rule));
  return names;
}

WordRule word_rule_of(std::string_view name) {
  for (const auto rule : kAllWordRules) {
    if (word_rule_name(rule) == name) return rule;
  }
  throw Error(ErrorCode::kUsage, "words: expected " + join(word_rule_names(), ", ") + ", got '" +
                                     std::string(name) + "'" +
                                     did_you_mean(name, word_rule_names()));
}

std::string word_rule_protocol(WordRule rule) {
  if (rule == WordRule::kCharacters) return "characters";
  auto text = "words " + std::string(word_rule_name(rule));
  if (rule == WordRule::kIcu) text += " " U_ICU_VERSION;
  return text;
}

std::string lower_case(std::string_view text) {
  bool plain = true;
  for (const char c : text) plain = plain && static_cast<signed char>(c) >= 0;
  std::string out;
  if (plain) {
    for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
  }
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
      .toLower(icu::Locale::getRoot())
      .toUTF8String(out);
  return out;
}

Words caption_words(std::string_view text, WordRule rule) {
  switch (rule) {
    case WordRule::kPtb: return ptb_words(text);
    case WordRule::kSpaces: return space_words(text);
    case WordRule::kCharacters: return character_words(lower_case(text));
    case WordRule::kIcu: break;
  }
  return icu_words(lower_case(text));
}

}  // namespace braid
