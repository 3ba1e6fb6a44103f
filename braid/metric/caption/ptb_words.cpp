// After the Penn Treebank's rules (MacIntyre 1995), the lists written anew and checked against what
// PTBTokenizer 3.4.1 prints: tests/golden/captions.py.
#include "braid/metric/caption/ptb_words.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "braid/metric/caption/words.h"

namespace braid {
namespace {

using View = std::string_view;

// What coco-caption throws away. Brackets stay: it lists them in upper case, and has lower case.
const std::unordered_set<View> kDropped = {"''", "'", "``", "`", ".", "?", "!",
                                           ",",  ":", "-",  "--", "...", ";"};

// Words whose full stop is part of them, wherever they stand.
const std::unordered_set<View> kAbbreviations = {
    "jan",  "feb",  "mar",  "apr",  "jun",  "jul",  "aug", "sep",  "sept", "oct",  "nov", "dec",
    "mon",  "tue",  "tues", "wed",  "thu",  "thurs", "fri", "sat", "sun",  "inc",  "corp", "ltd",
    "co",   "cos",  "bros", "vs",   "v",    "etc",  "est", "dept", "univ", "gen",  "lt",  "col",
    "sgt",  "capt", "cpl",  "pvt",  "maj",  "cmdr", "gov", "sen",  "rep",  "reps", "sens", "rev",
    "hon",  "pres", "prof", "dr",   "drs",  "mr",   "mrs", "ms",   "messrs", "st", "ste", "mt",
    "ft",   "ave",  "blvd", "rd",   "jr",   "sr",   "bldg", "esq", "ph.d", "m.d"};

// Elided words that begin with the mark and keep it.
const std::unordered_set<View> kElided = {"'em", "'cause", "'til", "'n'", "'n", "'d",
                                          "'s",  "'m",     "'re", "'ve", "'ll"};

struct Joined {
  View whole, first, second;
};
constexpr std::array<Joined, 8> kJoined = {{{"cannot", "can", "not"},
                                            {"gonna", "gon", "na"},
                                            {"wanna", "wan", "na"},
                                            {"gotta", "got", "ta"},
                                            {"gimme", "gim", "me"},
                                            {"lemme", "lem", "me"},
                                            {"'tis", "'t", "is"},
                                            {"'twas", "'t", "was"}}};

// Other ways to write what the tokens know in ASCII.
constexpr std::array<std::pair<View, View>, 12> kPlain = {{{"\u2018", "`"},
                                                           {"\u2019", "'"},
                                                           {"\u201C", " `` "},
                                                           {"\u201D", " '' "},
                                                           {"\u2013", " -- "},
                                                           {"\u2014", " -- "},
                                                           {"\u2026", " ... "},
                                                           {"\u00BD", "1/2"},
                                                           {"\u00BC", "1/4"},
                                                           {"\u00BE", "3/4"},
                                                           {"\u20AC", "$"},
                                                           {"\u00A3", "#"}}};

bool is_ptb_digit(char c) { return c >= '0' && c <= '9'; }
bool is_ptb_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<signed char>(c) < 0; }
bool is_ptb_alnum(char c) { return is_ptb_digit(c) || is_ptb_letter(c); }

std::string in_ascii(View text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (static_cast<signed char>(text[at]) >= 0) {
      out += text[at++];
      continue;
    }
    const auto* found = std::find_if(kPlain.begin(), kPlain.end(), [&](const auto& pair) {
      return text.substr(at).starts_with(pair.first);
    });
    if (found == kPlain.end()) {
      out += text[at++];
    } else {
      out += found->second;
      at += found->first.size();
    }
  }
  return out;
}

// Takes one piece of text between blanks apart.
class PtbPiece {
 public:
  explicit PtbPiece(std::vector<std::string>* words) : words_(*words) {}

  void take(View piece) {
    if (is_address(piece)) return word(piece);
    while (!piece.empty()) {
      const size_t size = mark_size(piece);
      if (size > 0) {
        emit(piece.substr(0, size));
        piece.remove_prefix(size);
        continue;
      }
      const size_t end = word_end(piece);
      word(piece.substr(0, end));
      piece.remove_prefix(end);
    }
  }

 private:
  static bool is_address(View piece) {
    return piece.starts_with("http://") || piece.starts_with("https://") ||
           piece.starts_with("www.");
  }

  void emit(View token) {
    if (token == "(" || token == ")") {
      words_.emplace_back(token == "(" ? "-lrb-" : "-rrb-");
    } else if (token == "[" || token == "]") {
      words_.emplace_back(token == "[" ? "-lsb-" : "-rsb-");
    } else if (token == "{" || token == "}") {
      words_.emplace_back(token == "{" ? "-lcb-" : "-rcb-");
    } else if (token != "\"" && !kDropped.contains(token) &&
               token.find_first_not_of('-') != View::npos) {
      words_.emplace_back(token);
    }
  }

  // How long a mark stands at the beginning, 0 where a word begins.
  static size_t mark_size(View text) {
    const char c = text[0], next = text.size() > 1 ? text[1] : ' ';
    if (is_ptb_alnum(c)) return 0;
    if (c == '\'') return apostrophe_size(text);
    if ((c == '#' || c == '@') && (is_ptb_letter(next) || next == '_')) return 0;
    if ((c == '-' || c == '+' || c == '.') && is_ptb_digit(next)) return 0;
    if (c == '<' && (is_ptb_letter(next) || next == '/') && text.find('>') != View::npos) return 0;
    size_t run = 1;
    if (c == '-' || c == '!' || c == '?' || c == '`') {
      const View same = c == '!' || c == '?' ? View("!?") : text.substr(0, 1);
      run = std::min(text.find_first_not_of(same), text.size());
    }
    if (text.starts_with("...")) run = 3;
    return run;
  }

  // Of an elided word 0, of a quotation mark its size.
  static size_t apostrophe_size(View text) {
    if (text.starts_with("''")) return 2;
    const size_t letters = std::min(text.find_first_of(" \"().,;:!?", 1), text.size());
    if (kElided.contains(text.substr(0, letters)) || text == "'tis" || text == "'twas") return 0;
    if (text.starts_with("'n'")) return 0;
    return text.size() > 2 && is_ptb_digit(text[1]) && is_ptb_digit(text[2]) ? 0 : 1;
  }

  // Where the word at the beginning ends: marks inside belong to it where they join.
  static size_t word_end(View text) {
    if (text[0] == '<') return text.find('>') + 1;
    if (text.starts_with("'n'")) return 3;
    size_t at = 1;
    for (; at < text.size(); ++at) {
      const char before = text[at - 1], c = text[at];
      const char after = at + 1 < text.size() ? text[at + 1] : ' ';
      if (is_ptb_alnum(c)) {
        continue;
      }
      const bool digits = is_ptb_digit(before) && is_ptb_digit(after);
      const bool inside = is_ptb_alnum(before) && is_ptb_alnum(after);
      if ((c == ',' || c == ':') && digits) continue;
      if (c == '.' && keeps_stop(text, at)) continue;
      if ((c == '-' || c == '/' || c == '&' || c == '_' || c == '@' || c == '?' || c == '!' ||
           c == '\'') && inside) {
        continue;
      }
      if (c == '_' || (c == '\'' && ends_elided(text.substr(0, at + 1)))) continue;
      break;
    }
    return at;
  }

  static bool ends_elided(View word) { return word == "ol'" || word == "y'"; }

  // Is the full stop at `at` part of the word: a.m., Dr., 5.5, dog.cat?
  static bool keeps_stop(View text, size_t at) {
    const char before = text[at - 1], after = at + 1 < text.size() ? text[at + 1] : ' ';
    if (is_ptb_alnum(before) && is_ptb_alnum(after)) return true;
    if (is_ptb_alnum(after) || after == '.') return false;
    const size_t begin = text.find_last_of("-/", at) + 1;  // npos + 1 is the beginning
    const View stem = text.substr(begin, at - begin);
    if (kAbbreviations.contains(stem)) return true;
    if (stem.size() == 1) return is_ptb_letter(stem[0]);
    for (size_t i = 0; i < stem.size(); ++i) {  // letters with a full stop between any two
      if (i % 2 == 0 ? !is_ptb_letter(stem[i]) : stem[i] != '.') return false;
    }
    return stem.size() % 2 == 1;
  }

  // A word without marks around it: contractions, amounts of money.
  void word(View text) {
    for (const auto& joined : kJoined) {
      if (text != joined.whole) continue;
      words_.emplace_back(joined.first);
      words_.emplace_back(joined.second);
      return;
    }
    for (const View tail : {"n't", "'s", "'m", "'d", "'re", "'ve", "'ll"}) {
      const bool there = text.size() > tail.size() && text.ends_with(tail) && text != "d'd";
      if (!there) continue;
      word(text.substr(0, text.size() - tail.size()));
      words_.emplace_back(tail);
      return;
    }
    const size_t mark = text.find('\'', 1);
    if (text == "y'all") {
      words_.emplace_back("y'");
      words_.emplace_back("all");
    } else if (mark != View::npos && mark > 1 && mark + 1 < text.size() && !one_word(text, mark)) {
      // "rock'n'roll", "more'n": what stands before the mark is a word of its own
      const size_t end = text.substr(mark).starts_with("'n'") ? mark + 3 : text.size();
      words_.emplace_back(text.substr(0, mark));
      words_.emplace_back(text.substr(mark, end - mark));
      if (end < text.size()) words_.emplace_back(text.substr(end));
    } else {
      clock_word(text);
    }
  }

  static bool one_word(View text, size_t mark) {
    return !text.substr(mark).starts_with("'n'") && text.substr(mark) != "'n";
  }

  // "10:30am" is a time and a word.
  void clock_word(View text) {
    const bool half = text.ends_with("am") || text.ends_with("pm");
    const View time = half ? text.substr(0, text.size() - 2) : text;
    const bool clock = half && time.find(':') != View::npos &&
                       std::all_of(time.begin(), time.end(),
                                   [](char c) { return is_ptb_digit(c) || c == ':'; });
    if (!clock) return words_.emplace_back(text), void();
    words_.emplace_back(time);
    words_.emplace_back(text.substr(time.size()));
  }

  std::vector<std::string>& words_;
};

}  // namespace

std::vector<std::string> ptb_words(std::string_view text) {
  const std::string lower = lower_case(in_ascii(text));
  std::vector<std::string> words;
  PtbPiece pieces(&words);
  for (size_t at = 0; at < lower.size();) {
    const size_t end = std::min(lower.find_first_of(" \t\r\n\v\f", at), lower.size());
    const View piece = View(lower).substr(at, end - at);
    at = end + 1;
    if (piece == "no." && at < lower.size() && is_ptb_digit(lower[at])) {
      words.emplace_back(piece);  // of a number, not the answer
    } else if (!piece.empty()) {
      pieces.take(piece);
    }
  }
  return words;
}

}  // namespace braid
