#include "braid/demo_data/emoji_phrases.h"

#include <algorithm>
#include <set>

#include "braid/core/rng.h"
#include "braid/core/text.h"
#include "braid/metric/caption/words.h"

namespace braid {
namespace {

constexpr int64_t kMostWords = 3;  // of a phrase

bool is_trained(const EmojiRow& row) { return row.split == "train"; }

std::vector<std::string> distinct_words(const std::vector<std::string>& texts) {
  std::set<std::string> words;
  for (const auto& text : texts) {
    for (auto& word : caption_words(text, WordRule::kIcu)) words.insert(std::move(word));
  }
  return {words.begin(), words.end()};
}

// Readings of the names that are asked for and that no training text repeats.
std::set<std::string> hidden_readings(const std::vector<EmojiRow>& rows,
                                      const std::string& language,
                                      const std::vector<std::string>& texts) {
  std::set<std::string> hidden;
  for (const auto& row : rows) {
    const auto own = row.languages.find(language);
    if (own == row.languages.end() || own->second.name.empty()) continue;
    if (!is_trained(row) || row.withheld) hidden.insert(reading(own->second.name));
  }
  for (const auto& text : texts) hidden.erase(reading(text));
  return hidden;
}

// As the language writes several words: Chinese without blanks.
std::string phrase_of(const std::vector<std::string>& words, const std::string& language) {
  return join(words, language.starts_with("zh") ? "" : " ");
}

}  // namespace

std::vector<std::string> training_texts(const std::vector<EmojiRow>& rows,
                                        const std::string& language) {
  std::vector<std::string> texts;
  std::set<std::string> seen;
  for (const auto& row : rows) {
    const auto own = row.languages.find(language);
    if (!is_trained(row) || own == row.languages.end()) continue;
    for (const auto& text : own->second.texts) {
      if (seen.insert(text).second) texts.push_back(text);
    }
  }
  return texts;
}

std::vector<std::string> training_phrases(const std::vector<EmojiRow>& rows,
                                          const std::string& language,
                                          const std::vector<std::string>& texts, int64_t rounds) {
  const auto words = distinct_words(texts);
  const auto hidden = hidden_readings(rows, language, texts);
  const auto count = static_cast<int64_t>(words.size());
  std::vector<std::string> phrases;
  for (int64_t round = 0; round < rounds; ++round) {
    const auto seed = static_cast<uint64_t>(round);
    const auto order = permutation(count, Rng(seed, 0, 0, "emoji words " + language));
    Rng lengths(seed, 0, 0, "emoji phrases " + language);
    for (int64_t at = 0, next; at < count; at = next) {
      next = std::min(count, at + 1 + lengths.below(kMostWords));
      std::vector<std::string> drawn;
      for (int64_t i = at; i < next; ++i) {
        drawn.push_back(words[static_cast<size_t>(order[static_cast<size_t>(i)])]);
      }
      auto phrase = phrase_of(drawn, language);
      if (!hidden.contains(reading(phrase))) phrases.push_back(std::move(phrase));
    }
  }
  return phrases;
}

}  // namespace braid
