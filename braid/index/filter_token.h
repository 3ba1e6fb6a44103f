// The words of a filter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace braid {

struct FilterToken {
  enum class Kind { kWord, kText, kName, kSign, kEnd };  // bare, quoted, back-quoted, = ( , ...

  Kind kind = Kind::kEnd;
  std::string text;      // without quotes
  int64_t position = 1;  // characters from 1

  bool is_sign(std::string_view sign) const { return kind == Kind::kSign && text == sign; }
  bool is_word(std::string_view word) const;  // a bare one, in either case
};

class FilterTokens {
 public:
  explicit FilterTokens(std::string_view text) : text_(text) { advance(); }

  const FilterToken& now() const { return now_; }
  FilterToken take();  // now(), and goes on
  bool take_word(std::string_view word);
  bool take_sign(std::string_view sign);

  // Error(kUsage): "filter, character 7: expected ..., got ...".
  [[noreturn]] void fail(const std::string& expected) const;
  [[noreturn]] void fail_at(int64_t position, const std::string& what) const;

 private:
  void advance();
  std::string quoted(char quote);

  std::string_view text_;
  size_t at_ = 0;
  FilterToken now_;
};

}  // namespace braid
