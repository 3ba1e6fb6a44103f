#include "braid/index/filter_token.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "braid/core/error.h"

namespace braid {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What may stand in a word without quotes; letters of any script.
bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) ||
         std::string_view("_.-+:@/%#").find(c) != std::string_view::npos;
}

int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

}  // namespace

bool FilterToken::is_word(std::string_view word) const {
  return kind == Kind::kWord &&
         std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         });
}

FilterToken FilterTokens::take() {
  FilterToken token = std::move(now_);
  advance();
  return token;
}

bool FilterTokens::take_word(std::string_view word) {
  const bool is = now_.is_word(word);
  if (is) advance();
  return is;
}

bool FilterTokens::take_sign(std::string_view sign) {
  const bool is = now_.is_sign(sign);
  if (is) advance();
  return is;
}

void FilterTokens::advance() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  now_ = {FilterToken::Kind::kEnd, "", characters(text_.substr(0, at_)) + 1};
  if (at_ == text_.size()) return;
  const char c = text_[at_];
  if (c == '\'' || c == '"' || c == '`') {
    now_.kind = c == '`' ? FilterToken::Kind::kName : FilterToken::Kind::kText;
    now_.text = quoted(c);
    return;
  }
  const size_t begin = at_;
  if (is_word_byte(c)) {
    now_.kind = FilterToken::Kind::kWord;
    while (at_ < text_.size() && is_word_byte(text_[at_])) ++at_;
    now_.text = text_.substr(begin, at_ - begin);
    return;
  }
  now_.kind = FilterToken::Kind::kSign;
  for (const std::string_view sign : {"==", "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ","}) {
    if (!text_.substr(at_).starts_with(sign)) continue;
    at_ += sign.size();
    now_.text = sign == "==" ? "=" : sign == "<>" ? "!=" : sign;
    return;
  }
  fail_at(now_.position, std::string("'") + c +
                             "' means nothing here; texts with such characters "
                             "need quotes");
}

// A doubled quote stands for one.
std::string FilterTokens::quoted(char quote) {
  std::string text;
  for (++at_; at_ < text_.size(); ++at_) {
    if (text_[at_] == quote) {
      ++at_;
      if (at_ == text_.size() || text_[at_] != quote) return text;
    }
    text += text_[at_];
  }
  fail_at(now_.position, std::string("the quote ") + quote + " is never closed");
}

void FilterTokens::fail(const std::string& expected) const {
  fail_at(now_.position, "expected " + expected +
                             (now_.kind == FilterToken::Kind::kEnd ? ", but the filter ends"
                                                                   : ", got '" + now_.text + "'"));
}

void FilterTokens::fail_at(int64_t position, const std::string& what) const {
  throw Error(ErrorCode::kUsage, "filter, character " + std::to_string(position) + ": " + what +
                                     " (in: " + std::string(text_.substr(0, 200)) + ")");
}

}  // namespace braid
