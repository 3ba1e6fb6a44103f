// Hand-written scanners for the expressions that most tokenizer.json files hold. Each tries the
// expression's alternatives in order, as a backtracking matcher does; each is linear.
#include <array>

#include "braid/tokenizer/pattern.h"
#include "braid/tokenizer/unicode.h"
#include "braid/tokenizer/words.h"

namespace braid {
namespace {

constexpr std::string_view kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view kClip = R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
constexpr std::string_view kClipWithEnds =
    R"(<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|)"
    R"([\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
constexpr std::string_view kGpt4 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
                                   R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kGpt4o =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

bool is_line_end(char32_t code) { return code == '\r' || code == '\n'; }

// A place in the text that looks one character ahead.
class Scan {
 public:
  Scan(std::string_view text, size_t at) : text_(text), at_(at) {}

  size_t at() const { return at_; }
  bool done() const { return at_ == text_.size(); }
  char32_t peek() const {
    size_t next = at_;
    return next_code_point(text_, next);
  }
  CharClass kind() const { return done() ? CharClass::kSpace : char_class(peek()); }
  void step() { next_code_point(text_, at_); }

  // Skips while the test holds, `most` characters at most; says how many.
  template <class Test>
  size_t skip(Test&& test, size_t most = SIZE_MAX) {
    size_t count = 0;
    for (; count < most && !done() && test(peek()); ++count) step();
    return count;
  }
  size_t skip_class(CharClass wanted, size_t most = SIZE_MAX) {
    return skip([&](char32_t code) { return char_class(code) == wanted; }, most);
  }

 private:
  std::string_view text_;
  size_t at_;
};

// U+017F, the long s, is an s where case does not count.
size_t contraction_end(std::string_view text, size_t at, bool any_case) {
  if (at >= text.size() || text[at] != '\'') return 0;
  constexpr std::array<std::string_view, 7> kEndings = {"s", "t", "re", "ve", "m", "ll", "d"};
  constexpr std::string_view kLongS = "\xc5\xbf";
  const std::string_view rest = text.substr(at + 1);
  if (any_case && rest.starts_with(kLongS)) return at + 1 + kLongS.size();
  for (const auto ending : kEndings) {
    bool same = rest.size() >= ending.size();
    for (size_t i = 0; same && i < ending.size(); ++i) {
      const char upper = static_cast<char>(ending[i] - 'a' + 'A');
      same = rest[i] == ending[i] || (any_case && rest[i] == upper);
    }
    if (same) return at + 1 + ending.size();
  }
  return 0;
}

//  ?[^\s\p{L}\p{N}]+ and then line ends (and slashes)
size_t sign_end(std::string_view text, size_t at, bool slashes) {
  Scan scan(text, at);
  if (text[at] == ' ') scan.step();
  if (scan.skip_class(CharClass::kOther) == 0) return 0;
  scan.skip([&](char32_t code) { return is_line_end(code) || (slashes && code == '/'); });
  return scan.at();
}

// \s*[\r\n]+|\s+(?!\S)|\s+
size_t blank_end(std::string_view text, size_t at) {
  Scan scan(text, at);
  size_t line_end = 0, last = at;
  while (!scan.done() && scan.kind() == CharClass::kSpace) {
    const bool ends_line = is_line_end(scan.peek());
    last = scan.at();
    scan.step();
    if (ends_line) line_end = scan.at();
  }
  if (line_end > 0) return line_end;
  return scan.done() || last == at ? scan.at() : last;
}

// [^\r\n\p{L}\p{N}]?\p{L}+
size_t letters_end(std::string_view text, size_t at) {
  Scan scan(text, at);
  const CharClass first = scan.kind();
  if (first == CharClass::kNumber || is_line_end(scan.peek())) return 0;
  if (first != CharClass::kLetter) scan.step();
  return scan.skip_class(CharClass::kLetter) > 0 ? scan.at() : 0;
}

size_t gpt4_end(std::string_view text, size_t at, size_t most_digits) {
  if (const size_t end = contraction_end(text, at, true)) return end;
  if (const size_t end = letters_end(text, at)) return end;
  Scan digits(text, at);
  if (digits.skip_class(CharClass::kNumber, most_digits) > 0) return digits.at();
  if (const size_t end = sign_end(text, at, false)) return end;
  return blank_end(text, at);
}

size_t clip_end(std::string_view text, size_t at) {
  if (const size_t end = contraction_end(text, at, false)) return end;
  Scan scan(text, at);
  switch (scan.kind()) {
    case CharClass::kSpace:
      return 0;
    case CharClass::kNumber:
      scan.step();
      return scan.at();
    case CharClass::kLetter:
      scan.skip_class(CharClass::kLetter);
      return scan.at();
    case CharClass::kOther:
      scan.skip_class(CharClass::kOther);
      return scan.at();
  }
  return 0;
}

size_t clip_with_ends_end(std::string_view text, size_t at) {
  for (const std::string_view end : {"<|startoftext|>", "<|endoftext|>"}) {
    if (text.substr(at).starts_with(end)) return at + end.size();
  }
  return clip_end(text, at);
}

bool can_be_upper(char32_t code) {
  const LetterCase kind = letter_case(code);
  return kind == LetterCase::kUpper || kind == LetterCase::kBoth;
}

bool can_be_lower(char32_t code) {
  const LetterCase kind = letter_case(code);
  return kind == LetterCase::kLower || kind == LetterCase::kBoth;
}

// U*L+, where letters without case and marks are both U and L: where no L follows the run of U, it
// gives back down to its last L.
size_t lower_end(std::string_view text, size_t at) {
  Scan scan(text, at);
  size_t last_both = 0;  // its end
  while (!scan.done() && can_be_upper(scan.peek())) {
    const bool both = can_be_lower(scan.peek());
    scan.step();
    if (both) last_both = scan.at();
  }
  return scan.skip(can_be_lower) > 0 ? scan.at() : last_both;
}

// U+L*; only asked where U*L+ was not found
size_t upper_end(std::string_view text, size_t at) {
  Scan scan(text, at);
  if (scan.skip(can_be_upper) == 0) return 0;
  scan.skip(can_be_lower);
  return scan.at();
}

// [^\r\n\p{L}\p{N}]? before the letters, and a contraction behind them
size_t cased_end(std::string_view text, size_t at) {
  Scan scan(text, at);
  const CharClass first = scan.kind();
  const bool led =
      first != CharClass::kLetter && first != CharClass::kNumber && !is_line_end(scan.peek());
  if (led) scan.step();
  for (const auto letters : {lower_end, upper_end}) {
    size_t end = led ? letters(text, scan.at()) : 0;
    if (end == 0) end = letters(text, at);  // a mark may lead or be a letter itself
    if (end == 0) continue;
    const size_t contracted = contraction_end(text, end, true);
    return contracted > 0 ? contracted : end;
  }
  return 0;
}

size_t gpt4o_end(std::string_view text, size_t at) {
  if (const size_t end = cased_end(text, at)) return end;
  Scan digits(text, at);
  if (digits.skip_class(CharClass::kNumber, 3) > 0) return digits.at();
  if (const size_t end = sign_end(text, at, true)) return end;
  return blank_end(text, at);
}

// `end_at(text, at)` is where the match at `at` ends, 0 where there is none.
template <class EndAt>
class Scanner final : public Pattern {
 public:
  explicit Scanner(EndAt end_at) : end_at_(end_at) {}

  void find(std::string_view text, const MatchVisitor& visit) const override {
    for (size_t at = 0; at < text.size();) {
      if (const size_t end = end_at_(text, at)) {
        visit(at, end);
        at = end;
      } else {
        next_code_point(text, at);
      }
    }
  }

 private:
  EndAt end_at_;
};

template <class EndAt>
std::unique_ptr<Pattern> scanner(EndAt end_at) {
  return std::make_unique<Scanner<EndAt>>(end_at);
}

}  // namespace

std::unique_ptr<Pattern> known_pattern(std::string_view expression) {
  if (expression == kGpt2) return scanner(word_end);
  if (expression == kClip) return scanner(clip_end);
  if (expression == kClipWithEnds) return scanner(clip_with_ends_end);
  if (expression == kGpt4)
    return scanner([](auto text, size_t at) { return gpt4_end(text, at, 3); });
  if (expression == kQwen)
    return scanner([](auto text, size_t at) { return gpt4_end(text, at, 1); });
  if (expression == kGpt4o) return scanner(gpt4o_end);
  return nullptr;
}

}  // namespace braid
