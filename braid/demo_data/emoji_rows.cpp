#include "braid/demo_data/emoji_rows.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "braid/core/rng.h"
#include "braid/demo_data/emoji_base.h"

namespace braid {
namespace {

double hash_share(std::string_view purpose, std::string_view key) {
  return Rng(mix(mix(0, purpose), key)).uniform();
}

std::string plain_key(const EmojiRow& row) { return code_points(without_tones(row.emoji.points)); }

bool has_tone(const Emoji& emoji) {
  return std::any_of(emoji.points.begin(), emoji.points.end(), is_skin_tone);
}

using Readings = std::set<std::string>;

// Readings of the names, in all languages, of an emoji and its toned copies: by plain key.
std::unordered_map<std::string, Readings> names_by_plain_key(const std::vector<EmojiRow>& rows) {
  std::unordered_map<std::string, Readings> names;
  for (const auto& row : rows) {
    auto& own = names[plain_key(row)];
    for (const auto& [language, texts] : row.languages) {
      if (!texts.name.empty()) own.insert(reading(texts.name));
    }
  }
  return names;
}

void join_groups(std::vector<EmojiRow>& rows, const std::vector<std::string>& pictures,
                 std::string EmojiRow::*group) {
  std::unordered_map<std::string, std::string> parent;  // group -> group it is joined to
  const auto root = [&](std::string name) {
    for (auto up = parent.find(name); up != parent.end(); up = parent.find(name)) name = up->second;
    return name;
  };
  std::unordered_map<std::string, std::string> first;  // picture -> group
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto name = root(rows[i].*group);
    const auto earlier = root(first.try_emplace(pictures[i], name).first->second);
    if (earlier != name) parent[name] = earlier;
  }
  for (auto& row : rows) row.*group = root(row.*group);
}

std::string split_of(const std::string& group) {
  const double share = hash_share("emoji split", group);
  return share < 0.8 ? "train" : share < 0.9 ? "val" : "test";
}

void fill_texts(EmojiTexts& texts, const Readings* hidden) {
  texts.texts.clear();
  if (!hidden && !texts.name.empty()) texts.texts.push_back(texts.name);
  for (const auto& keyword : texts.keywords) {
    if (hidden ? !hidden->contains(reading(keyword)) : keyword != texts.name) {
      texts.texts.push_back(keyword);
    }
  }
}

}  // namespace

std::string reading(const std::string& text) {
  const auto folded = icu::UnicodeString::fromUTF8(text).foldCase();
  icu::UnicodeString kept;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    if (u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK)) kept.append(c);
  }
  std::string out;
  (kept.isEmpty() ? folded : kept).toUTF8String(out);
  return out;
}

std::vector<EmojiRow> annotate(const EmojiList& list,
                               const std::map<std::string, Annotations>& annotations, bool tones) {
  std::vector<EmojiRow> rows;
  for (const auto& emoji : list.emoji) {
    if (!tones && has_tone(emoji)) continue;
    EmojiRow row{emoji,
                 code_points(without_tones(emoji.points)),
                 code_points(kin_emoji(emoji.points)),
                 "",
                 "",
                 false,
                 {}};
    bool named = false;
    for (const auto& [language, known] : annotations) {
      auto& texts = row.languages[language];
      const auto found = known.find(to_utf8(without_selector(emoji.points)));
      if (found == known.end()) continue;
      texts.name = found->second.name;
      texts.keywords = found->second.keywords;
      named = named || !texts.name.empty();
    }
    if (named) rows.push_back(std::move(row));
  }
  return rows;
}

int64_t count_listed(const EmojiList& list, bool tones) {
  return std::count_if(list.emoji.begin(), list.emoji.end(),
                       [&](const Emoji& emoji) { return tones || !has_tone(emoji); });
}

void join_equal_pictures(std::vector<EmojiRow>& rows, const std::vector<std::string>& pictures) {
  join_groups(rows, pictures, &EmojiRow::base);
  join_groups(rows, pictures, &EmojiRow::kin);
}

void assign_splits(std::vector<EmojiRow>& rows) {
  const auto names = names_by_plain_key(rows);
  for (auto& row : rows) {
    row.split = split_of(row.base);
    row.split_strict = split_of(row.kin);
    row.withheld = row.split == "train" && hash_share("emoji withheld", plain_key(row)) < 1.0 / 3;
    const auto* hidden = row.withheld ? &names.at(plain_key(row)) : nullptr;
    for (auto& [language, texts] : row.languages) fill_texts(texts, hidden);
  }
}

}  // namespace braid
