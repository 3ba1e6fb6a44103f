// What the text of one cell says.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace braid {

// Does the text stand for no value: empty, or one of `words`, whatever the case of ASCII letters?
bool means_missing(std::string_view text, std::span<const std::string> words);

// A number as JSON and CSV files write it, NaN and infinities too; nothing for other text. What is
// too large for a double is infinite.
std::optional<double> number_of(std::string_view text);

// A pair of words for false and true, and which of them a text is.
struct Truth {
  size_t pair = 0;
  bool value = false;
};

// "no" and "yes", "F" and "T", "否" and "是", ...: English and Chinese, whatever the case.
std::optional<Truth> truth_of(std::string_view text);

// May a column of this pair have one of its words only? "F" alone is rather a letter.
bool pair_may_be_half(size_t pair);

}  // namespace braid
