#include "braid/metric/vqa_answer.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <unordered_map>

#include "braid/metric/caption/words.h"

namespace braid {
namespace {

constexpr std::string_view kMarks = ";/[]\"{}()=+\\_-><@`,?!";
constexpr std::array<std::string_view, 3> kArticles = {"a", "an", "the"};
constexpr std::array<std::string_view, 12> kCounts = {
    "none", "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};

// Those that are known without their apostrophes. Its, were, well, ill, shell and the like are
// words of their own and not among them.
constexpr std::string_view kContractions =
    "ain't aren't can't couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't "
    "isn't mightn't mightn't've mustn't needn't oughtn't shan't shouldn't shouldn't've wasn't "
    "weren't won't wouldn't wouldn't've could've might've must've not've should've would've "
    "he'd he'd've he's it'd it'd've it'll she'd've they'd they'd've they'll they're they've "
    "we'd've we've you'd you'd've you'll you're you've y'all y'all'll y'all'd've "
    "somebody'd somebody'd've somebody'll somebody's someone'd someone'd've someone'll someone's "
    "something'd something'd've something'll that's there'd there'd've there're there's "
    "how'd how'll how's what'll what're what's what've when's where'd where's where've "
    "who'd who'd've who'll who's who've why'll why're why's ma'am o'clock 'ow's'at 'twas";

std::string without_apostrophes(std::string word) {
  std::erase(word, '\'');
  return word;
}

const std::unordered_map<std::string, std::string>& contractions() {
  static const auto known = [] {
    std::unordered_map<std::string, std::string> all;
    std::istringstream words{std::string(kContractions)};
    for (std::string word; words >> word;) all.emplace(without_apostrophes(word), word);
    return all;
  }();
  return known;
}

bool is_digit_at(std::string_view text, size_t i) {
  return i < text.size() && text[i] >= '0' && text[i] <= '9';
}

bool has_number_comma(std::string_view text) {  // 1,000
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == ',' && is_digit_at(text, i - 1) && is_digit_at(text, i + 1)) return true;
  }
  return false;
}

std::string without_vqa_marks(std::string_view text) {
  std::array<bool, kMarks.size()> vanishes;
  for (size_t k = 0; k < kMarks.size(); ++k) {
    vanishes[k] = text.find(std::string{kMarks[k], ' '}) != text.npos ||
                  text.find(std::string{' ', kMarks[k]}) != text.npos;
  }
  if (has_number_comma(text)) vanishes.fill(true);
  std::string out;
  for (const char c : text) {
    const size_t mark = kMarks.find(c);
    if (mark == kMarks.npos) {
      out += c;
    } else if (!vanishes[mark]) {
      out += ' ';
    }
  }
  std::string kept;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] != '.' || is_digit_at(out, i + 1)) kept += out[i];
  }
  return kept;
}

}  // namespace

std::string vqa_answer(std::string_view text) {
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  std::ranges::replace(line, '\t', ' ');
  const size_t begin = line.find_first_not_of(' ');
  if (begin == line.npos) return "";
  line = line.substr(begin, line.find_last_not_of(' ') + 1 - begin);
  std::istringstream words(lower_case(without_vqa_marks(line)));
  std::string plain;
  for (std::string word; words >> word;) {
    const auto count = std::ranges::find(kCounts, word);
    if (count != kCounts.end())  // "none" is 0, and so is "zero"
      word = std::to_string(std::max<int64_t>(0, count - kCounts.begin() - 1));
    if (std::ranges::find(kArticles, word) != kArticles.end()) continue;
    const auto known = contractions().find(without_apostrophes(word));
    if (known != contractions().end()) word = known->second;
    plain += (plain.empty() ? "" : " ") + word;
  }
  return plain;
}

double vqa_accuracy(int64_t matches) {
  const double all = kVqaAnswers, m = static_cast<double>(matches);
  const double without_match = std::min((m - 1) / 3, 1.0), without_other = std::min(m / 3, 1.0);
  return (m * std::max(0.0, without_match) + (all - m) * without_other) / all;
}

}  // namespace braid
