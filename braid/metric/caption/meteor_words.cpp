// The words that METEOR's normaliser (after the Moses tokenizer) makes of words of the Penn
// Treebank in lower case.
#include <unordered_set>

#include "braid/metric/caption/words.h"

namespace braid {
namespace {

bool is_meteor_digit(char c) { return c >= '0' && c <= '9'; }
bool is_meteor_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<signed char>(c) < 0; }
bool is_meteor_alnum(char c) { return is_meteor_digit(c) || is_meteor_letter(c); }

// "p.m.": letters, each with its full stop.
bool is_acronym(const std::string& word) {
  if (word.size() < 4 || word.size() % 2 != 0) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (i % 2 == 0 ? !is_meteor_letter(word[i]) : word[i] != '.') return false;
  }
  return true;
}

class MeteorNormalizer {
 public:
  // `next`: the word that follows, "" at the end.
  void take(const std::string& word, const std::string& next) {
    if (word == "-lrb-" || word == "-rrb-" || word == "-lsb-" || word == "-rsb-" ||
        word == "-lcb-" || word == "-rcb-") {
      words.push_back(word);
    } else if (is_acronym(word)) {
      for (size_t i = 0; i < word.size(); i += 2) open_ += word[i];
      close();
    } else {
      parts(word);
      close();
      if (words.back().size() > 1 && words.back().back() == '.' && !keeps_stop(next)) {
        words.back().pop_back();
        words.emplace_back(".");
      }
    }
  }

  Words words;

 private:
  void close() {
    if (!open_.empty()) words.push_back(std::move(open_));
    open_.clear();
  }

  bool keeps_stop(const std::string& next) const {
    static const std::unordered_set<std::string> kKept = {"v.", "vs.", "rev."};
    return (!next.empty() && is_meteor_letter(next[0])) || kKept.contains(words.back());
  }

  void parts(const std::string& word) {
    size_t last_hyphen = word.size();
    for (size_t i = 0; i < word.size(); ++i) {
      const char c = word[i], before = i > 0 ? word[i - 1] : ' ';
      const char after = i + 1 < word.size() ? word[i + 1] : ' ';
      if (is_meteor_alnum(c) || c == '.') {
        open_ += c;
      } else if (c == '-') {
        // A blank between letters, each of which serves one hyphen: "tug-o-war" is "tug o-war".
        if (is_meteor_alnum(before) && is_meteor_alnum(after) && i != last_hyphen + 2) {
          last_hyphen = i;
          close();
        } else {
          open_ += c;
        }
      } else if (c == ',' && is_meteor_digit(before) && is_meteor_digit(after)) {
        open_ += c;
      } else if (c == '\'' && is_meteor_alnum(before) && is_meteor_letter(after)) {
        close();
        open_ += c;
      } else {
        close();
        words.emplace_back(1, c);
      }
    }
  }

  std::string open_;  // the word that is not yet at its end
};

}  // namespace

Words meteor_words(const Words& words) {
  MeteorNormalizer normalizer;
  for (size_t i = 0; i < words.size(); ++i) {
    normalizer.take(words[i], i + 1 < words.size() ? words[i + 1] : "");
  }
  return std::move(normalizer.words);
}

}  // namespace braid
