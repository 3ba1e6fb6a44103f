#include "braid/tokenizer/pattern.h"

namespace braid {
namespace {

class Literal final : public Pattern {
 public:
  explicit Literal(std::string literal) : literal_(std::move(literal)) {}

  void find(std::string_view text, const MatchVisitor& visit) const override {
    if (literal_.empty()) return;
    for (size_t at = 0; (at = text.find(literal_, at)) != text.npos; at += literal_.size()) {
      visit(at, at + literal_.size());
    }
  }

 private:
  std::string literal_;
};

}  // namespace

std::unique_ptr<Pattern> literal_pattern(const std::string& literal) {
  return std::make_unique<Literal>(literal);
}

std::unique_ptr<Pattern> regex_pattern(const std::string& expression, const std::string& where) {
  auto known = known_pattern(expression);
  return known ? std::move(known) : icu_pattern(expression, where);
}

std::unique_ptr<Pattern> read_pattern(const JsonView& json) {
  if (json.is_text()) return literal_pattern(json.text());
  const JsonView literal = json.member("String"), regex = json.member("Regex");
  if (!literal.is_null()) return literal_pattern(literal.text());
  if (regex.is_null()) json.fail("expected {\"String\": ...} or {\"Regex\": ...}");
  return regex_pattern(regex.text(), regex.where() + ": " + regex.path());
}

}  // namespace braid
