#include "braid/modality/tabular/scale.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "braid/core/text.h"

namespace braid {
namespace {

using Scale = std::vector<std::vector<std::string_view>>;  // rising; words for one level together

const std::vector<Scale>& known_scales() {
  static const std::vector<Scale> kScales = {
      {{"very low"}, {"low"}, {"medium", "moderate", "normal", "middle"}, {"high"}, {"very high"}},
      {{"none", "absent", "no"}, {"mild", "slight"}, {"moderate"}, {"severe"}, {"critical"}},
      {{"tiny"}, {"small"}, {"medium"}, {"large", "big"}, {"huge"}},
      {{"xxs"}, {"xs"}, {"s"}, {"m"}, {"l"}, {"xl"}, {"xxl"}, {"xxxl"}},
      {{"never"}, {"rarely", "seldom"}, {"sometimes"}, {"often"}, {"always"}},
      {{"very poor", "very bad"},
       {"poor", "bad"},
       {"fair", "average"},
       {"good"},
       {"very good"},
       {"excellent"}},
      {{"strongly disagree"},
       {"disagree"},
       {"neutral", "undecided"},
       {"agree"},
       {"strongly agree"}},
      {{"很低", "极低"}, {"低"}, {"中", "中等"}, {"高"}, {"很高", "极高"}},
      {{"轻", "轻度", "轻微"}, {"中", "中度"}, {"重", "重度", "严重"}, {"危重"}},
      {{"小"}, {"中"}, {"大"}},
      {{"从不"}, {"很少"}, {"有时"}, {"经常"}, {"总是"}},
      {{"很差"}, {"差"}, {"一般", "中"}, {"良", "好"}, {"优", "很好"}},
      {{"i"}, {"ii"}, {"iii"}, {"iv"}, {"v"}, {"vi"}, {"vii"}, {"viii"}, {"ix"}, {"x"}},
  };
  return kScales;
}

std::string plain_word(const std::string& word) {
  std::string out(trim(word));
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

std::optional<size_t> level_in(const Scale& scale, const std::string& word) {
  for (size_t level = 0; level < scale.size(); ++level) {
    if (std::ranges::find(scale[level], word) != scale[level].end()) return level;
  }
  return std::nullopt;
}

// "stage 2" -> 2, for the one `word` in front. Other words may count things that have no order.
std::optional<size_t> counted(const std::string& text, std::string_view word) {
  if (!text.starts_with(word)) return std::nullopt;
  const auto digits = trim(std::string_view(text).substr(word.size()));
  const bool plain = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (digits.empty() || digits.size() > 3 || !plain) return std::nullopt;
  return std::stoul(std::string(digits));
}

// One letter may stand for anything: "S" and "M" are sizes only where "L" is there too.
bool may_be_scale(std::span<const std::string> words) {
  return words.size() > 2 ||
         std::ranges::all_of(words, [](const std::string& word) { return trim(word).size() > 1; });
}

}  // namespace

std::optional<std::vector<std::string>> in_order(std::span<const std::string> words) {
  if (words.size() < 2 || !may_be_scale(words)) return std::nullopt;
  const auto sorted_by = [&](auto&& level_of) -> std::optional<std::vector<std::string>> {
    std::map<size_t, std::string> found;
    for (const auto& word : words) {
      const std::optional<size_t> level = level_of(plain_word(word));
      if (!level || !found.emplace(*level, word).second) return std::nullopt;
    }
    std::vector<std::string> sorted;
    for (auto& [level, word] : found) sorted.push_back(std::move(word));
    return sorted;
  };
  for (const auto& scale : known_scales()) {
    if (auto sorted = sorted_by([&](const std::string& word) { return level_in(scale, word); })) {
      return sorted;
    }
  }
  for (const std::string_view counting : {"stage", "grade", "level", "phase", "tier", "degree"}) {
    if (auto sorted = sorted_by([&](const std::string& word) { return counted(word, counting); })) {
      return sorted;
    }
  }
  return std::nullopt;
}

}  // namespace braid
