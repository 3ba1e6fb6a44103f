#include "braid/tokenizer/pre_tokenizer.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/normalizer.h"
#include "braid/tokenizer/pattern.h"
#include "braid/tokenizer/split_behavior.h"
#include "braid/tokenizer/text_changes.h"
#include "braid/tokenizer/unicode.h"
#include "braid/tokenizer/words.h"

namespace braid {
namespace {

using PreTokenizerPtr = std::unique_ptr<PreTokenizer>;

// Every character that passes the test is a match.
class CharacterPattern final : public Pattern {
 public:
  explicit CharacterPattern(std::function<bool(char32_t)> test) : test_(std::move(test)) {}

  void find(std::string_view text, const MatchVisitor& visit) const override {
    for (size_t at = 0; at < text.size();) {
      const size_t begin = at;
      if (test_(next_code_point(text, at))) visit(begin, at);
    }
  }

 private:
  std::function<bool(char32_t)> test_;
};

// \w+|[^\w\s]+
class WordPattern final : public Pattern {
 public:
  void find(std::string_view text, const MatchVisitor& visit) const override {
    for (size_t at = 0; at < text.size();) {
      const size_t begin = at;
      const Kind kind = kind_of(next_code_point(text, at));
      for (size_t next = at; next < text.size() && kind_of(next_code_point(text, next)) == kind;) {
        at = next;
      }
      if (kind != Kind::kSpace) visit(begin, at);
    }
  }

 private:
  enum class Kind { kSpace, kWord, kOther };
  static Kind kind_of(char32_t code) {
    if (is_word(code)) return Kind::kWord;
    return char_class(code) == CharClass::kSpace ? Kind::kSpace : Kind::kOther;
  }
};

class Split final : public PreTokenizer {
 public:
  Split(std::unique_ptr<Pattern> pattern, SplitBehavior behavior, bool inverted = false)
      : pattern_(std::move(pattern)), behavior_(behavior), inverted_(inverted) {}

  void cut(std::string_view text, bool at_start, const WordVisitor& visit) const override {
    split_at(*pattern_, behavior_, inverted_, text, at_start, visit);
  }

 private:
  std::unique_ptr<Pattern> pattern_;
  SplitBehavior behavior_;
  bool inverted_;
};

class Chain final : public PreTokenizer {
 public:
  explicit Chain(std::vector<PreTokenizerPtr> links) : links_(std::move(links)) {}

  void cut(std::string_view text, bool at_start, const WordVisitor& visit) const override {
    cut_from(0, text, at_start, visit);
  }

 private:
  void cut_from(size_t link, std::string_view text, bool at_start, const WordVisitor& visit) const {
    if (link == links_.size()) return visit(text, at_start);
    links_[link]->cut(text, at_start, [&](std::string_view word, bool word_at_start) {
      cut_from(link + 1, word, word_at_start, visit);
    });
  }

  std::vector<PreTokenizerPtr> links_;
};

class ByteLevel final : public PreTokenizer {
 public:
  ByteLevel(bool add_prefix_space, bool use_regex)
      : add_prefix_space_(add_prefix_space), use_regex_(use_regex) {}

  void cut(std::string_view text, bool at_start, const WordVisitor& visit) const override {
    const auto on_word = [&](std::string_view word) {
      visit(to_letters(word), at_start && word.data() == text.data());
    };
    std::string spaced;
    if (add_prefix_space_ && !text.starts_with(' ')) text = spaced = " " + std::string(text);
    if (use_regex_) {
      scan_words(text, on_word);
    } else {
      on_word(text);
    }
  }

 private:
  bool add_prefix_space_, use_regex_;
};

// SentencePiece's way: a blank becomes a letter, and words begin with it.
class Metaspace final : public PreTokenizer {
 public:
  explicit Metaspace(const JsonView& json) {
    append_utf8(json.member("replacement").character(), letter_);
    const JsonView scheme = json.member("prepend_scheme");
    const bool legacy = json.member("add_prefix_space").flag(true);
    scheme_ = scheme.text_or(legacy ? "always" : "never");
    if (scheme_ != "always" && scheme_ != "first" && scheme_ != "never") {
      scheme.fail("'" + scheme_ + "' is not supported: expected always, first or never");
    }
    if (!legacy && scheme_ != "never") {
      scheme.fail("'" + scheme_ + "' contradicts add_prefix_space false");
    }
    if (json.member("split").flag(true)) cuts_ = literal_pattern(letter_);
  }

  void cut(std::string_view text, bool at_start, const WordVisitor& visit) const override {
    std::string word = replaced(text, " ", letter_);
    const bool prepends = scheme_ == "always" || (scheme_ == "first" && at_start);
    if (prepends && !word.starts_with(letter_)) word = letter_ + word;
    if (!cuts_) return visit(word, at_start);
    split_at(*cuts_, SplitBehavior::kMergedWithNext, false, word, at_start, visit);
  }

 private:
  std::string letter_, scheme_;
  std::unique_ptr<Pattern> cuts_;
};

PreTokenizerPtr split_characters(std::function<bool(char32_t)> test, SplitBehavior behavior) {
  return std::make_unique<Split>(std::make_unique<CharacterPattern>(std::move(test)), behavior);
}

bool is_white(char32_t code) { return char_class(code) == CharClass::kSpace; }
bool is_number(char32_t code) { return char_class(code) == CharClass::kNumber; }

PreTokenizerPtr in_turn(PreTokenizerPtr first, PreTokenizerPtr second) {
  std::vector<PreTokenizerPtr> links;
  links.push_back(std::move(first));
  links.push_back(std::move(second));
  return std::make_unique<Chain>(std::move(links));
}

PreTokenizerPtr read_sequence(const JsonView& json, int depth) {
  if (depth == kDeepestNesting) json.fail("Sequences nest deeper than 8");
  const JsonView list = json.member("pretokenizers");
  std::vector<PreTokenizerPtr> links;
  for (size_t i = 0; i < list.size(); ++i) {
    if (auto link = read_pre_tokenizer(list.item(i), depth + 1)) links.push_back(std::move(link));
  }
  return std::make_unique<Chain>(std::move(links));
}

PreTokenizerPtr read_split(const JsonView& json) {
  const JsonView behavior = json.member("behavior");
  if (behavior.is_null()) behavior.fail("expected text, got null");
  return std::make_unique<Split>(read_pattern(json.member("pattern")),
                                 read_behavior(behavior, SplitBehavior::kIsolated),
                                 json.member("invert").flag(false));
}

}  // namespace

PreTokenizerPtr read_pre_tokenizer(const JsonView& json, int depth) {
  const std::string type = json.type();
  if (type == "null") return nullptr;
  if (type == "Sequence") return read_sequence(json, depth);
  if (type == "ByteLevel") {
    return std::make_unique<ByteLevel>(json.member("add_prefix_space").flag(true),
                                       json.member("use_regex").flag(true));
  }
  if (type == "Metaspace") return std::make_unique<Metaspace>(json);
  if (type == "Split") return read_split(json);
  if (type == "Whitespace") {
    return std::make_unique<Split>(std::make_unique<WordPattern>(), SplitBehavior::kRemoved, true);
  }
  if (type == "WhitespaceSplit") return split_characters(is_white, SplitBehavior::kRemoved);
  if (type == "BertPreTokenizer") {
    return in_turn(split_characters(is_white, SplitBehavior::kRemoved),
                   split_characters(is_punctuation, SplitBehavior::kIsolated));
  }
  if (type == "Punctuation") {
    const auto behavior = read_behavior(json.member("behavior"), SplitBehavior::kIsolated);
    return split_characters(is_punctuation, behavior);
  }
  if (type == "Digits") {
    const bool single = json.member("individual_digits").flag(false);
    return split_characters(is_number,
                            single ? SplitBehavior::kIsolated : SplitBehavior::kContiguous);
  }
  if (type == "CharDelimiterSplit") {
    const char32_t delimiter = json.member("delimiter").character();
    return split_characters([=](char32_t code) { return code == delimiter; },
                            SplitBehavior::kRemoved);
  }
  json.unsupported_type(
      "ByteLevel, Metaspace, Split, Whitespace, WhitespaceSplit, BertPreTokenizer, Punctuation, "
      "Digits, CharDelimiterSplit or Sequence");
}

}  // namespace braid
