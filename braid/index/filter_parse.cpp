// Filters by recursive descent: or, and, not, test.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/index/filter_node.h"
#include "braid/index/filter_token.h"

namespace braid {
namespace {

using Node = Filter::Node;

constexpr size_t kMaxFilterBytes = 64 << 10;
constexpr int kMaxFilterDepth = 64;  // of parentheses and `not`: recursion must end

class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : tokens_(text) {}

  ParsedFilter parse() {
    Node root = any_of();
    if (tokens_.now().kind != FilterToken::Kind::kEnd) tokens_.fail("'and', 'or' or the end");
    return {std::move(root), std::move(columns_)};
  }

 private:
  Node any_of() { return chain(Node::Kind::kOr, "or", &FilterParser::all_of); }
  Node all_of() { return chain(Node::Kind::kAnd, "and", &FilterParser::one); }

  Node chain(Node::Kind kind, std::string_view word, Node (FilterParser::*part)()) {
    Node first = (this->*part)();
    if (!tokens_.now().is_word(word)) return first;
    Node node{kind, "", {}, {}};
    node.parts.push_back(std::move(first));
    while (tokens_.take_word(word)) node.parts.push_back((this->*part)());
    return node;
  }

  Node one() {
    if (++depth_ > kMaxFilterDepth) tokens_.fail_at(tokens_.now().position, "nested too deeply");
    Node node = tokens_.take_word("not") ? negation(one()) : group_or_test();
    --depth_;
    return node;
  }

  static Node negation(Node inner) {
    Node node{Node::Kind::kNot, "", {}, {}};
    node.parts.push_back(std::move(inner));
    return node;
  }

  Node group_or_test() {
    if (!tokens_.take_sign("(")) return test();
    Node node = any_of();
    if (!tokens_.take_sign(")")) tokens_.fail("')'");
    return node;
  }

  Node test() {
    std::string column = column_name();
    if (tokens_.take_word("is")) {
      const bool some = tokens_.take_word("not");
      if (!tokens_.take_word("missing")) tokens_.fail("'missing' or 'not missing'");
      Node node{Node::Kind::kMissing, std::move(column), {}, {}};
      return some ? negation(std::move(node)) : std::move(node);
    }
    if (tokens_.take_word("in")) return {Node::Kind::kEqual, std::move(column), list(), {}};
    if (tokens_.take_word("contains")) {
      return {Node::Kind::kContains, std::move(column), {value()}, {}};
    }
    using Kind = Node::Kind;
    for (const auto& [sign, kind] : {std::pair{"=", Kind::kEqual},
                                     {"!=", Kind::kUnequal},
                                     {"<", Kind::kLess},
                                     {"<=", Kind::kLessOrEqual},
                                     {">", Kind::kGreater},
                                     {">=", Kind::kGreaterOrEqual}}) {
      if (tokens_.take_sign(sign)) return {kind, std::move(column), {value()}, {}};
    }
    tokens_.fail("= != < <= > >= contains, in (...) or is missing after '" + column + "'");
  }

  std::string column_name() {
    const auto& token = tokens_.now();
    if (token.kind == FilterToken::Kind::kText) {
      tokens_.fail_at(token.position,
                      "expected a column, got a text; a column's name with spaces "
                      "stands in `back quotes`");
    }
    const bool names = token.kind == FilterToken::Kind::kName ||
                       (token.kind == FilterToken::Kind::kWord && !is_keyword(token));
    if (!names) tokens_.fail("a column");
    columns_.push_back({token.text, token.position});
    return tokens_.take().text;
  }

  static bool is_keyword(const FilterToken& token) {
    return token.is_word("and") || token.is_word("or") || token.is_word("not") ||
           token.is_word("in") || token.is_word("is") || token.is_word("contains");
  }

  FilterValue value() {
    const auto kind = tokens_.now().kind;
    if (kind == FilterToken::Kind::kName) tokens_.fail("a value; texts stand in '...' or \"...\"");
    if (kind != FilterToken::Kind::kText && kind != FilterToken::Kind::kWord) {
      tokens_.fail("a value");
    }
    const auto token = tokens_.take();
    return filter_value(token.text, kind == FilterToken::Kind::kText);
  }

  std::vector<FilterValue> list() {
    if (!tokens_.take_sign("(")) tokens_.fail("'(' after 'in'");
    std::vector<FilterValue> values = {value()};
    while (tokens_.take_sign(",")) values.push_back(value());
    if (!tokens_.take_sign(")")) tokens_.fail("',' or ')'");
    return values;
  }

  FilterTokens tokens_;
  std::vector<FilterColumn> columns_;
  int depth_ = 0;
};

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

FilterValue filter_value(std::string_view text, bool quoted) {
  FilterValue value{std::string(text), std::nullopt, std::nullopt};
  if (quoted) return value;
  value.integer = whole_number<int64_t>(text);
  value.number = whole_number<double>(text);
  if (value.number && !std::isfinite(*value.number)) value.number.reset();  // the words inf, nan
  return value;
}

ParsedFilter parse_filter(std::string_view text) {
  if (text.size() > kMaxFilterBytes) {
    throw Error(ErrorCode::kUsage, "filter: " + std::to_string(text.size()) +
                                       " bytes long, at most " + std::to_string(kMaxFilterBytes));
  }
  if (!valid_utf8(text)) throw Error(ErrorCode::kUsage, "filter: not UTF-8");
  return FilterParser(text).parse();
}

}  // namespace braid
