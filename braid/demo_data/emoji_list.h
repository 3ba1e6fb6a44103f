// Unicode's list of emoji (emoji-test.txt, UTS #51).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace braid {

struct Emoji {
  std::u32string points;  // as written, with U+FE0F
  std::string key;        // "1F468-200D-1F4BB"
  std::string text;       // UTF-8
  std::string group;      // "Food & Drink"
  std::string subgroup;   // "food-fruit"
  std::string version;    // of Unicode Emoji that brought it: "0.6"
};

struct EmojiList {
  std::string version;       // "15.0"
  std::vector<Emoji> emoji;  // fully qualified only, in the order of the file
};

// `where` names the text in messages. Throws Error(kInput) with where:line for a malformed line, a
// repeated emoji, or a text without emoji.
EmojiList parse_emoji_test(std::string_view text, const std::string& where);

std::string to_utf8(std::u32string_view points);
std::string code_points(std::u32string_view points);  // "1F468-200D-1F4BB"
bool is_skin_tone(char32_t point);

}  // namespace braid
