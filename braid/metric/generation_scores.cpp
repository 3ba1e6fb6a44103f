#include "braid/metric/generation_scores.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <sstream>

#include "braid/core/error.h"
#include "braid/metric/caption/chrf.h"
#include "braid/metric/caption/words.h"

namespace braid {
namespace {

constexpr size_t kVqaAnswers = 10;

// Of ten answers each is left out once.
double vqa_accuracy(int64_t matches) {
  const double all = static_cast<double>(kVqaAnswers), m = static_cast<double>(matches);
  const double without_match = std::min((m - 1) / 3, 1.0), without_other = std::min(m / 3, 1.0);
  return (m * std::max(0.0, without_match) + (all - m) * without_other) / all;
}

// Per sample: exact match, VQA accuracy.
std::vector<std::array<double, 2>> answer_worth(const Captions& captions) {
  std::vector<std::array<double, 2>> worth;
  for (size_t i = 0; i < captions.candidates.size(); ++i) {
    const auto own = plain_answer(captions.candidates[i]);
    const auto& references = captions.references.at(i);
    const auto matches =
        std::count_if(references.begin(), references.end(),
                      [&](const std::string& text) { return plain_answer(text) == own; });
    worth.push_back({matches > 0 ? 1.0 : 0.0, vqa_accuracy(matches)});
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
  const auto worth =
      std::make_shared<const std::vector<std::array<double, 2>>>(answer_worth(captions));
  Statistics all;
  Metric metric = about;
  metric.n = std::ssize(captions.candidates);
  metric.name = "exact_match";
  all.metrics.push_back(metric);
  const bool vqa = std::all_of(captions.references.begin(), captions.references.end(),
                               [](const auto& own) { return own.size() == kVqaAnswers; });
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
