#include "braid/modality/tabular/cell_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "braid/core/text.h"

namespace braid {
namespace {

struct TruthPair {
  std::string_view no, yes;
  bool half = true;
};

constexpr std::array kTruthPairs = {
    TruthPair{"false", "true"},     TruthPair{"no", "yes"},    TruthPair{"n", "y"},
    TruthPair{"f", "t", false},     TruthPair{"off", "on"},    TruthPair{"negative", "positive"},
    TruthPair{"absent", "present"}, TruthPair{"否", "是"},     TruthPair{"不是", "是"},
    TruthPair{"无", "有"},          TruthPair{"没有", "有"},   TruthPair{"假", "真"},
    TruthPair{"错", "对"},          TruthPair{"阴性", "阳性"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool means_missing(std::string_view text, std::span<const std::string> words) {
  const auto word = trim(text);
  return word.empty() || std::ranges::any_of(words, [&](const std::string& missing) {
           return same_word(word, missing);
         });
}

std::optional<double> number_of(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (fault == std::errc::invalid_argument) return std::nullopt;
  if (fault != std::errc::result_out_of_range) return value;
  // Too large, or too near to zero: the sign of the exponent tells.
  const size_t exponent = text.find_first_of("eE");
  const bool tiny = exponent == text.npos ? text.find_first_of("123456789") > text.find('.')
                                          : text.substr(exponent + 1).starts_with('-');
  if (tiny) return 0.0;
  const double infinite = std::numeric_limits<double>::infinity();
  return text.starts_with('-') ? -infinite : infinite;
}

std::optional<Truth> truth_of(std::string_view text) {
  text = trim(text);
  for (size_t pair = 0; pair < kTruthPairs.size(); ++pair) {
    if (same_word(text, kTruthPairs[pair].no)) return Truth{pair, false};
    if (same_word(text, kTruthPairs[pair].yes)) return Truth{pair, true};
  }
  return std::nullopt;
}

bool pair_may_be_half(size_t pair) { return kTruthPairs.at(pair).half; }

}  // namespace braid
