#include "braid/metric/error_rates.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <sstream>

#include "braid/core/error.h"
#include "braid/metric/caption/words.h"
#include "braid/metric/generation_scores.h"

namespace braid {
namespace {

template <class Part>
int64_t levenshtein(const std::vector<Part>& a, const std::vector<Part>& b) {
  std::vector<int64_t> row(b.size() + 1);  // of the beginnings of b, for the beginning of a so far
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    int64_t corner = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const int64_t replaced = corner + (a[i] != b[j]);
      corner = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, corner + 1});
    }
  }
  return row.back();
}

template <class Part>
Edits edits_between(const std::vector<Part>& text, const std::vector<Part>& reference) {
  return {levenshtein(text, reference), std::ssize(reference)};
}

std::vector<int32_t> characters_of(std::string_view text) {
  std::istringstream words(lower_case(text));
  std::string plain;
  for (std::string word; words >> word;) plain += (plain.empty() ? "" : " ") + word;
  std::vector<int32_t> all;
  const auto size = static_cast<int32_t>(plain.size());
  for (int32_t at = 0; at < size;) {
    UChar32 code = 0;
    U8_NEXT(plain.data(), at, size, code);
    all.push_back(code);
  }
  return all;
}

Words words_of(std::string_view text) {
  return caption_words(lower_case(text), WordRule::kCharacters);
}

// a / b < c / d, where a length may be 0.
bool nearer(const Edits& a, const Edits& b) {
  const auto of = [](const Edits& e) {
    return static_cast<double>(e.edits) / static_cast<double>(std::max<int64_t>(e.length, 1));
  };
  return of(a) < of(b);
}

// Edits and lengths of characters, then of words, each of the nearest reference.
std::array<double, 4> worth_of_text(const std::string& text,
                                    const std::vector<std::string>& references) {
  Edits characters, words;
  for (size_t i = 0; i < references.size(); ++i) {
    const auto by_character = character_edits(text, references[i]);
    const auto by_word = word_edits(text, references[i]);
    if (i == 0 || nearer(by_character, characters)) characters = by_character;
    if (i == 0 || nearer(by_word, words)) words = by_word;
  }
  return {static_cast<double>(characters.edits), static_cast<double>(characters.length),
          static_cast<double>(words.edits), static_cast<double>(words.length)};
}

}  // namespace

Edits character_edits(std::string_view text, std::string_view reference) {
  return edits_between(characters_of(text), characters_of(reference));
}

Edits word_edits(std::string_view text, std::string_view reference) {
  return edits_between(words_of(text), words_of(reference));
}

Statistics transcription_statistics(const Captions& captions, const Metric& about) {
  auto all = exact_match_statistics(captions, about);
  all = only_named(std::move(all), std::vector<std::string>{"exact_match"});
  const auto worth = std::make_shared<std::vector<std::array<double, 4>>>();
  double words = 0;
  for (size_t i = 0; i < captions.candidates.size(); ++i) {
    worth->push_back(worth_of_text(captions.candidates[i], captions.references.at(i)));
    words += worth->back()[3];
  }
  if (words == 0) throw Error(ErrorCode::kInput, "cer, wer: no reference holds a word");
  for (const char* name : {"wer", "cer"}) {
    auto metric = all.metrics.back();
    metric.name = name;
    all.metrics.insert(all.metrics.begin(), std::move(metric));
  }
  all.values = [worth = std::shared_ptr<const std::vector<std::array<double, 4>>>(worth),
                exact = std::move(all.values)](std::span<const int32_t> times) {
    std::array<double, 4> sums{};
    for (size_t i = 0; i < times.size(); ++i) {
      for (size_t k = 0; k < sums.size(); ++k) sums[k] += times[i] * (*worth)[i][k];
    }
    std::vector<double> values = {sums[0] / sums[1], sums[2] / sums[3]};
    const auto others = exact(times);
    values.insert(values.end(), others.begin(), others.end());
    return values;
  };
  return all;
}

std::vector<std::string> transcription_score_names() { return {"cer", "wer", "exact_match"}; }

}  // namespace braid
