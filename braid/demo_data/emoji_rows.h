// Rows of the demo set before the pictures: texts, splits, withheld names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "braid/demo_data/annotations.h"
#include "braid/demo_data/emoji_list.h"

namespace braid {

struct EmojiTexts {
  std::string name;                   // "" = the language has none
  std::vector<std::string> keywords;  // as CLDR has them
  std::vector<std::string> texts;     // what training may say of the picture
  std::optional<std::string> spoken_name = {};     // files, where the set is read aloud
  std::vector<std::string> spoken_texts = {};
};

struct EmojiRow {
  Emoji emoji;
  std::string base, kin;            // code points; see emoji_base.h
  std::string split, split_strict;  // by base, by kin
  bool withheld = false;
  std::map<std::string, EmojiTexts> languages;
};

// Equal for texts that read alike: case folded, letters, marks and digits only. Texts that have
// none of those ("#") stay as they are.
std::string reading(const std::string& text);

// One row for each emoji that a language names; `annotations` by language. Splits are not yet set.
std::vector<EmojiRow> annotate(const EmojiList& list,
                               const std::map<std::string, Annotations>& annotations, bool tones);

int64_t count_listed(const EmojiList& list, bool tones);  // emoji that annotate looks at

// Rows with equal `pictures` (hashes, one a row) get one base and one kin: those of the first.
void join_equal_pictures(std::vector<EmojiRow>& rows, const std::vector<std::string>& pictures);

// Sets split and split_strict (80 / 10 / 10 % of the bases or kins, by a hash), withheld (a third
// of the training rows, a toned emoji with its plain one) and texts: names and keywords, of
// withheld emoji only keywords that do not repeat a name of theirs, in whatever language, case or
// punctuation.
void assign_splits(std::vector<EmojiRow>& rows);

}  // namespace braid
