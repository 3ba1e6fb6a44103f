// Words that a model must not see: a note that names the diagnosis answers the question.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace braid {

// A word is a run of letters, marks and digits, hyphens within; its pieces lie between the hyphens.
// It is hidden where it, one of its pieces, or several pieces in a row are one of `hidden`, whatever
// their case, or begin with one that ends in *: "covid*" hides COVID-19, non-COVID and Covid19.
class HiddenWords {
 public:
  // Throws Error(kConfig) for an empty word, and for one with a blank, which no word has.
  explicit HiddenWords(const std::vector<std::string>& hidden);

  bool empty() const { return exact_.empty() && begins_.empty(); }

  // The text without the words that are hidden; "-" where nothing but blanks remains. The text must
  // be valid UTF-8.
  std::string without(std::string_view text) const;

 private:
  bool hides(std::string_view word) const;
  bool matches(std::string_view lower) const;

  std::vector<std::string> exact_, begins_;
};

}  // namespace braid
