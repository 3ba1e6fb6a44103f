// Expressions that no scanner knows, on ICU. HF's are Oniguruma's (Ruby syntax): \s and \w are
// spelled out, because ICU's own leave out U+000B and U+0085 and take in joiners; only \n ends a
// line.
#include <unicode/regex.h>
#include <unicode/utext.h>

#include <mutex>
#include <utility>
#include <vector>

#include "braid/core/error.h"
#include "braid/tokenizer/pattern.h"

namespace braid {
namespace {

constexpr std::string_view kSpaceSet = "\\p{White_Space}";
constexpr std::string_view kWordSet = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";
// Powers and fractions of Latin-1 are \w in Oniguruma, but not between brackets.
constexpr std::string_view kLoneWordSet = "\\u00b2\\u00b3\\u00b9\\u00bc-\\u00be";

// \s, \S, \w, \W as ICU's sets.
std::string set_escape(char letter, bool in_brackets) {
  const bool word = letter == 'w' || letter == 'W';
  std::string set(word ? kWordSet : kSpaceSet);
  if (word && !in_brackets) set += kLoneWordSet;
  if (letter == 'S' || letter == 'W') return "[^" + set + "]";
  return in_brackets ? set : "[" + set + "]";
}

std::string to_icu(const std::string& expression, const std::string& where) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::kInput, where + ": " + what + " in an expression is not supported");
  };
  std::string out;
  int brackets = 0;
  for (size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '[') ++brackets;
    if (c == ']' && brackets > 0) --brackets;
    if (c == '(' && expression.compare(i, 3, "(?m") == 0) refuse("(?m...), dot-all in Oniguruma,");
    if (c != '\\' || i + 1 == expression.size()) {
      out += c;
      continue;
    }
    const char escaped = expression[++i];
    if (std::string_view("hHKGyYOjk").find(escaped) != std::string_view::npos) {
      refuse(std::string("\\") + escaped);
    }
    if (std::string_view("sSwW").find(escaped) == std::string_view::npos) {
      out += {'\\', escaped};
    } else {
      out += set_escape(escaped, brackets > 0);
    }
  }
  return out;
}

class IcuPattern final : public Pattern {
 public:
  IcuPattern(const std::string& expression, std::string where) : where_(std::move(where)) {
    const std::string source = to_icu(expression, where_);
    UParseError place{};
    UErrorCode status = U_ZERO_ERROR;
    pattern_.reset(icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(source),
                                              UREGEX_MULTILINE | UREGEX_UNIX_LINES, place, status));
    if (U_FAILURE(status)) {
      throw Error(ErrorCode::kInput,
                  where_ + ": '" + expression + "' is no regular expression (character " +
                      std::to_string(place.offset) + ": " + u_errorName(status) + ")");
    }
  }

  void find(std::string_view text, const MatchVisitor& visit) const override {
    UErrorCode status = U_ZERO_ERROR;
    const auto matcher = borrow(status);
    const std::unique_ptr<UText, decltype(&utext_close)> bytes(
        utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &status),
        utext_close);
    check(status);
    matcher->reset(bytes.get());
    while (matcher->find(status) && U_SUCCESS(status)) {
      const auto begin = static_cast<size_t>(matcher->start64(status));
      const auto end = static_cast<size_t>(matcher->end64(status));
      if (begin < end) visit(begin, end);
    }
    check(status);
    give_back(matcher);
  }

 private:
  using Matcher = std::shared_ptr<icu::RegexMatcher>;

  // Matchers are costly to make and serve one thread at a time.
  Matcher borrow(UErrorCode& status) const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto matcher = std::move(idle_.back());
        idle_.pop_back();
        return matcher;
      }
    }
    constexpr int32_t kMostSteps = 1000;  // of a match; half a second or so
    Matcher matcher(pattern_->matcher(status));
    check(status);
    matcher->setTimeLimit(kMostSteps, status);
    return matcher;
  }

  void give_back(Matcher matcher) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(matcher));
  }

  void check(UErrorCode status) const {
    if (U_SUCCESS(status)) return;
    if (status == U_REGEX_TIME_OUT || status == U_REGEX_STACK_OVERFLOW) {
      throw Error(ErrorCode::kLimit, where_ + ": the expression takes too long on this text");
    }
    throw Error(ErrorCode::kInternal, where_ + ": ICU: " + u_errorName(status));
  }

  std::string where_;
  std::unique_ptr<icu::RegexPattern> pattern_;
  mutable std::mutex mutex_;
  mutable std::vector<Matcher> idle_;
};

}  // namespace

std::unique_ptr<Pattern> icu_pattern(const std::string& expression, const std::string& where) {
  return std::make_unique<IcuPattern>(expression, where);
}

}  // namespace braid
