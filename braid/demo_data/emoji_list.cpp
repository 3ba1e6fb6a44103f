#include "braid/demo_data/emoji_list.h"

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <unordered_set>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

// One text, read line by line, with the place for messages.
class EmojiTestReader {
 public:
  explicit EmojiTestReader(const std::string& where) : where_(where) {}

  void line(std::string_view line) {
    ++number_;
    line = trim(line);
    if (line.empty()) return;
    if (line.front() == '#') {
      comment(trim(line.substr(1)));
    } else {
      entry(line);
    }
  }

  EmojiList finish() {
    if (list_.emoji.empty()) {
      throw Error(ErrorCode::kInput, where_ + ": holds no fully-qualified emoji");
    }
    return std::move(list_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorCode::kInput, where_ + ":" + std::to_string(number_) + ": " + message);
  }

  static bool take(std::string_view comment, std::string_view label, std::string& out) {
    if (!comment.starts_with(label)) return false;
    out = trim(comment.substr(label.size()));
    return true;
  }

  void comment(std::string_view text) {
    if (take(text, "group:", group_)) {
      subgroup_.clear();
    } else if (!take(text, "subgroup:", subgroup_)) {
      take(text, "Version:", list_.version);
    }
  }

  // 1F34E    ; fully-qualified     # (the emoji) E0.6 red apple
  void entry(std::string_view line) {
    const size_t semicolon = line.find(';');
    const size_t hash = line.find('#', semicolon == line.npos ? 0 : semicolon);
    if (semicolon == line.npos || hash == line.npos) {
      fail("expected 'code points ; status # emoji E<version> name', got '" + std::string(line) +
           "'");
    }
    if (trim(line.substr(semicolon + 1, hash - semicolon - 1)) != "fully-qualified") return;
    Emoji emoji;
    for (const auto& word : split(trim(line.substr(0, semicolon)), ' ')) {
      if (!word.empty()) emoji.points.push_back(point(word));
    }
    if (emoji.points.empty()) fail("no code point before ';'");
    if (group_.empty() || subgroup_.empty())
      fail("an emoji before its '# group:' and '# subgroup:'");
    emoji.key = code_points(emoji.points);
    if (!seen_.insert(emoji.key).second) fail(emoji.key + " is listed twice");
    emoji.text = to_utf8(emoji.points);
    emoji.group = group_;
    emoji.subgroup = subgroup_;
    emoji.version = version(line.substr(hash + 1));
    list_.emoji.push_back(std::move(emoji));
  }

  char32_t point(std::string_view word) const {
    uint32_t value = 0;
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (problem != std::errc() || end != word.data() + word.size() || value > 0x10FFFF ||
        surrogate) {
      fail("'" + std::string(word) + "' is not a code point");
    }
    return value;
  }

  std::string version(std::string_view comment) const {
    const auto words = split(trim(comment), ' ');
    if (words.size() < 3 || words[1].size() < 2 || words[1][0] != 'E') {
      fail("expected '# emoji E<version> name', got '#" + std::string(comment) + "'");
    }
    return words[1].substr(1);
  }

  std::string where_;
  int number_ = 0;
  std::string group_, subgroup_;
  EmojiList list_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

EmojiList parse_emoji_test(std::string_view text, const std::string& where) {
  if (!valid_utf8(text)) throw Error(ErrorCode::kInput, where + ": is not UTF-8 text");
  EmojiTestReader reader(where);
  for (const auto& line : split(text, '\n')) reader.line(line);
  return reader.finish();
}

std::string to_utf8(std::u32string_view points) {
  std::string out;
  const auto tail = [&](char32_t p, int shift) {
    out += static_cast<char>(0x80 | (p >> shift & 0x3F));
  };
  for (const char32_t p : points) {
    if (p < 0x80) {
      out += static_cast<char>(p);
    } else if (p < 0x800) {
      out += static_cast<char>(0xC0 | p >> 6);
      tail(p, 0);
    } else if (p < 0x10000) {
      out += static_cast<char>(0xE0 | p >> 12);
      tail(p, 6), tail(p, 0);
    } else {
      out += static_cast<char>(0xF0 | p >> 18);
      tail(p, 12), tail(p, 6), tail(p, 0);
    }
  }
  return out;
}

std::string code_points(std::u32string_view points) {
  std::string out;
  for (const char32_t p : points) {
    char hex[16];
    std::snprintf(hex, sizeof hex, "%s%04X", out.empty() ? "" : "-", static_cast<unsigned>(p));
    out += hex;
  }
  return out;
}

bool is_skin_tone(char32_t point) { return point >= 0x1F3FB && point <= 0x1F3FF; }

}  // namespace braid
