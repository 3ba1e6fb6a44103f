#include "braid/metric/generation_scores.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <sstream>

#include "braid/core/error.h"
#include "braid/metric/caption/chrf.h"
#include "braid/metric/caption/words.h"
#include "braid/metric/vqa_answer.h"

namespace braid {
namespace {

// References that are the candidate, both as `plain` has them.
int64_t matches_of(const std::string& candidate, const std::vector<std::string>& references,
                   std::string (*plain)(std::string_view)) {
  const auto own = plain(candidate);
  return std::ranges::count_if(references,
                               [&](const std::string& text) { return plain(text) == own; });
}

// Ten answers a question, of which a few may be blank and so no references.
bool have_ten_answers(const Captions& captions) {
  const auto ten = std::ranges::count_if(
      captions.references, [](const auto& own) { return own.size() == kVqaAnswers; });
  const bool more = std::ranges::any_of(
      captions.references, [](const auto& own) { return own.size() > kVqaAnswers; });
  return !more && 2 * ten > std::ssize(captions.references);
}

// Per sample: exact match, VQA accuracy.
std::vector<std::array<double, 2>> answer_worth(const Captions& captions, bool vqa) {
  std::vector<std::array<double, 2>> worth;
  for (size_t i = 0; i < captions.candidates.size(); ++i) {
    const auto& text = captions.candidates[i];
    const auto& references = captions.references.at(i);
    const auto as_vqa = vqa ? matches_of(text, references, vqa_answer) : 0;
    worth.push_back(
        {matches_of(text, references, plain_answer) > 0 ? 1.0 : 0.0, vqa_accuracy(as_vqa)});
  }
  return worth;
}

bool is_ideograph(std::string_view text, size_t i) {  // U+3400 .. U+9FFF
  const auto byte = static_cast<unsigned char>(text[i]);
  return byte >= 0xe4 ? byte <= 0xe9 : byte == 0xe3 && static_cast<unsigned char>(text[i + 1]) >= 0x90;
}

}  // namespace

std::string plain_answer(std::string_view text) {
  constexpr std::array<const char*, 11> kNumbers = {"zero", "one", "two",   "three", "four", "five",
                                                    "six",  "seven", "eight", "nine",  "ten"};
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string lower = lower_case(text);
  std::string letters;
  for (size_t i = 0; i < lower.size(); ++i) {
    const char c = lower[i];
    const auto byte = static_cast<unsigned char>(c);
    const bool number = i > 0 && i + 1 < lower.size() && digit(lower[i - 1]) && digit(lower[i + 1]);
    if (c == ',' && number) continue;  // 1,000
    const bool stays = byte >= 0x80 || std::isalnum(byte) || c == '\'' || (c == '.' && number);
    letters += stays ? c : ' ';
  }
  std::istringstream words(letters);
  std::string plain;
  for (std::string word; words >> word;) {
    if (word == "a" || word == "an" || word == "the") continue;
    const auto number = std::find(kNumbers.begin(), kNumbers.end(), word);
    if (number != kNumbers.end()) word = std::to_string(number - kNumbers.begin());
    plain += (plain.empty() ? "" : " ") + word;
  }
  return plain;
}

Statistics exact_match_statistics(const Captions& captions, const Metric& about) {
  const bool vqa = have_ten_answers(captions);
  const auto worth =
      std::make_shared<const std::vector<std::array<double, 2>>>(answer_worth(captions, vqa));
  Statistics all;
  Metric metric = about;
  metric.n = std::ssize(captions.candidates);
  metric.name = "exact_match";
  all.metrics.push_back(metric);
  if (vqa) {
    metric.name = "vqa_accuracy";
    all.metrics.push_back(metric);
  }
  all.group = captions.group;
  for (int64_t i = 0; captions.group.empty() && i < metric.n; ++i) all.group.push_back(i);
  all.cost = metric.n;
  const size_t count = all.metrics.size();
  all.values = [worth, count](std::span<const int32_t> times) {
    std::array<double, 2> sums{};
    double n = 0;
    for (size_t i = 0; i < times.size(); ++i) {
      n += times[i];
      for (size_t k = 0; k < 2; ++k) sums[k] += times[i] * (*worth)[i][k];
    }
    std::vector<double> values;
    for (size_t k = 0; k < count; ++k) values.push_back(sums[k] / n);
    return values;
  };
  return all;
}

Statistics generation_statistics(const Captions& captions, const CaptionRule& rule,
                                 const Metric& about) {
  auto sentences = caption_statistics(captions, rule, about);
  auto all = exact_match_statistics(captions, sentences.metrics[0]);
  for (auto& metric : all.metrics) metric.absent.clear();
  std::move(sentences.metrics.begin(), sentences.metrics.end(), std::back_inserter(all.metrics));
  all.cost += sentences.cost;
  all.values = [exact = std::move(all.values), more = std::move(sentences.values)](
                   std::span<const int32_t> times) {
    auto values = exact(times);
    const auto others = more(times);
    values.insert(values.end(), others.begin(), others.end());
    return values;
  };
  return all;
}

std::vector<std::string> generation_score_names() {
  return {"exact_match", "vqa_accuracy", "bleu_1",  "bleu_2", "bleu_3",
          "bleu_4",      "rouge_l",      "cider_d", "meteor", "chrf"};
}

WordRule words_of_language(std::string_view language, const std::vector<std::string>& texts) {
  if (language.starts_with("zh")) return WordRule::kCharacters;
  if (!language.empty()) return WordRule::kPtb;
  size_t ideographs = 0, bytes = 0;
  for (const auto& text : texts) {
    for (size_t i = 0; i < text.size(); ++i) ideographs += is_ideograph(text, i);
    bytes += text.size();
  }
  return 6 * ideographs > bytes ? WordRule::kCharacters : WordRule::kPtb;  // half of what is said
}

double sentence_chrf(std::string_view text, const std::vector<std::string>& references) {
  NgramTable scratch;
  const auto sums = chrf_sums(text, references, &scratch);
  return chrf(sums);
}

}  // namespace braid
