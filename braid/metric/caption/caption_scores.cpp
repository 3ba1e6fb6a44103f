#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "braid/core/error.h"
#include "braid/core/parallel.h"
#include "braid/core/text.h"
#include "braid/metric/caption/captions.h"
#include "braid/metric/caption/chrf.h"
#include "braid/metric/caption/grams.h"
#include "braid/metric/caption/meteor.h"

namespace braid {
namespace {

// What is summed over samples, one after the other in a row of a table.
constexpr size_t kRougeAt = kBleuSums, kCiderAt = kRougeAt + 1, kMeteorAt = kCiderAt + 1,
                 kChrfAt = kMeteorAt + kMeteorSums, kCaptionSums = kChrfAt + kChrfSums;

// Sentences as words: those of sample i begin at first[i], the candidate before its references.
struct SplitCaptions {
  std::vector<size_t> first;
  std::vector<Words> words;
};

void check_captions(const Captions& captions) {
  const size_t n = captions.candidates.size();
  if (n == 0) throw Error(ErrorCode::kInput, "captions: nothing to score");
  if (captions.references.size() != n ||
      (!captions.group.empty() && captions.group.size() != n)) {
    throw Error(ErrorCode::kShape, "captions: " + std::to_string(n) + " candidates, references of " +
                                       std::to_string(captions.references.size()) +
                                       " samples, groups of " +
                                       std::to_string(captions.group.size()));
  }
  for (size_t i = 0; i < n; ++i) {
    const auto where = "captions: sample " + std::to_string(i) + ": ";
    if (captions.references[i].empty()) throw Error(ErrorCode::kInput, where + "no reference");
    bool valid = valid_utf8(captions.candidates[i]);
    for (const auto& reference : captions.references[i]) valid = valid && valid_utf8(reference);
    if (!valid) throw Error(ErrorCode::kInput, where + "not UTF-8");
  }
}

SplitCaptions split_captions(const Captions& captions, const CaptionRule& rule) {
  SplitCaptions split;
  size_t total = 0;
  for (const auto& references : captions.references) {
    split.first.push_back(total);
    total += 1 + references.size();
  }
  split.words.resize(total);
  const auto n = static_cast<int64_t>(captions.candidates.size());
  parallel_for(n, rule.threads, [&](int64_t sample) {
    const auto i = static_cast<size_t>(sample);
    auto at = split.first[i];
    const auto take = [&](const std::string& text) {
      split.words[at] = caption_words(text, rule.words);
      if (split.words[at].size() > kLongestCaption) {
        throw Error(ErrorCode::kLimit, "captions: sample " + std::to_string(i) +
                                           ": a sentence of " +
                                           std::to_string(split.words[at].size()) +
                                           " words; expected " + std::to_string(kLongestCaption) +
                                           " at most");
      }
      ++at;
    };
    take(captions.candidates[i]);
    for (const auto& reference : captions.references[i]) take(reference);
  });
  return split;
}

// Everything that is summed, of all samples.
struct CaptionTable {
  std::vector<double> rows;  // [n, kCaptionSums]
  std::array<double, 2> distinct{};
};

std::array<double, 2> distinct_grams(std::span<const CountedSample> samples, uint32_t grams) {
  std::array<double, 2> different{}, all{};
  std::vector<bool> seen(grams);
  for (const auto& sample : samples) {
    for (const auto& gram : sample.candidate.grams) {
      if (gram.order >= different.size()) continue;
      different[gram.order] += !seen[gram.id];
      all[gram.order] += gram.count;
      seen[gram.id] = true;
    }
  }
  for (size_t n = 0; n < all.size(); ++n) different[n] /= all[n];  // NaN: no such n-gram
  return different;
}

CaptionTable caption_table(const Captions& captions, const CaptionRule& rule) {
  const auto split = split_captions(captions, rule);
  const size_t n = captions.candidates.size();
  const auto parameters = meteor_parameters(rule.language);
  GramCounter counter;
  MeteorVocabulary vocabulary(rule.language);
  std::vector<CountedSample> counted(n);
  std::vector<MeteorWords> aligned;  // as split.words
  const bool normalized = rule.language == "en";
  for (const auto& words : split.words) {
    aligned.push_back(vocabulary.read(normalized ? meteor_words(words) : words));
  }
  for (size_t i = 0; i < n; ++i) {
    const auto* words = &split.words[split.first[i]];
    counted[i].candidate = counter.count(*words);
    for (size_t r = 1; r <= captions.references[i].size(); ++r)
      counted[i].references.push_back(counter.count(words[r]));
  }
  const CiderD cider(counted, counter.size());
  CaptionTable table{std::vector<double>(n * kCaptionSums),
                     distinct_grams(counted, counter.size())};
  parallel_for(static_cast<int64_t>(n), rule.threads, [&](int64_t sample) {
    thread_local NgramTable scratch;
    const auto i = static_cast<size_t>(sample);
    double* row = &table.rows[i * kCaptionSums];
    std::ranges::copy(bleu_sums(counted[i]), row);
    row[kRougeAt] = rouge_l(counted[i]);
    row[kCiderAt] = cider.score(counted[i]);
    const auto begin = aligned.begin() + static_cast<std::ptrdiff_t>(split.first[i]);
    const auto count = static_cast<std::ptrdiff_t>(captions.references[i].size());
    std::ranges::copy(meteor_sums(*begin, {begin + 1, begin + 1 + count}, parameters),
                      row + kMeteorAt);
    std::ranges::copy(chrf_sums(captions.candidates[i], captions.references[i], &scratch),
                      row + kChrfAt);
  });
  return table;
}

std::vector<double> caption_figures(std::span<const double> rows, std::span<const int32_t> times,
                                    const MeteorParameters& parameters) {
  std::array<double, kCaptionSums> sums{};
  double count = 0;
  for (size_t i = 0; i < times.size(); ++i) {
    if (times[i] == 0) continue;
    const double* row = &rows[i * kCaptionSums];
    for (size_t k = 0; k < kCaptionSums; ++k) sums[k] += times[i] * row[k];
    count += times[i];
  }
  const std::span<const double> all(sums);
  std::vector<double> figures;
  for (size_t order = 1; order <= kGramOrders; ++order)
    figures.push_back(bleu(all.first(kBleuSums), order));
  figures.push_back(sums[kRougeAt] / count);
  const bool alone = times.size() == 1;  // no inverse document frequency tells words apart
  figures.push_back(alone ? std::numeric_limits<double>::quiet_NaN() : sums[kCiderAt] / count);
  figures.push_back(meteor(all.subspan(kMeteorAt, kMeteorSums), parameters));
  figures.push_back(chrf(all.subspan(kChrfAt, kChrfSums)));
  return figures;
}

Metric about_captions(const Captions& captions, const Metric& about) {
  Metric metric = about;
  if (metric.task.empty()) metric.task = "captioning";
  metric.n = static_cast<int64_t>(captions.candidates.size());
  for (const auto& references : captions.references) {
    metric.captions_per_item =
        std::max(metric.captions_per_item, static_cast<int64_t>(references.size()));
  }
  return metric;
}

Statistics statistics_of(const Captions& captions, CaptionTable* table, const CaptionRule& rule,
                         const Metric& about) {
  Statistics statistics;
  auto metric = about_captions(captions, about);
  for (const char* name :
       {"bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l", "cider_d", "meteor", "chrf"}) {
    metric.name = name;
    metric.absent = metric.name == "cider_d" && metric.n == 1 ? "one sample only" : "";
    statistics.metrics.push_back(metric);
  }
  statistics.group = captions.group;
  for (int64_t i = 0; captions.group.empty() && i < metric.n; ++i) statistics.group.push_back(i);
  statistics.cost = static_cast<int64_t>(table->rows.size());
  const auto rows = std::make_shared<const std::vector<double>>(std::move(table->rows));
  const auto parameters = meteor_parameters(rule.language);
  statistics.values = [rows, parameters](std::span<const int32_t> times) {
    return caption_figures(*rows, times, parameters);
  };
  return statistics;
}

}  // namespace

Statistics caption_statistics(const Captions& captions, const CaptionRule& rule,
                              const Metric& about) {
  check_captions(captions);
  auto table = caption_table(captions, rule);
  return statistics_of(captions, &table, rule, about);
}

std::vector<Metric> caption_scores(const Captions& captions, const CaptionRule& rule,
                                   const Metric& about) {
  check_captions(captions);
  auto table = caption_table(captions, rule);
  auto metrics = measured(statistics_of(captions, &table, rule, about));
  auto metric = about_captions(captions, about);
  metric.low = metric.high = std::numeric_limits<double>::quiet_NaN();
  for (size_t n = 0; n < table.distinct.size(); ++n) {
    metric.name = "distinct_" + std::to_string(n + 1);
    metric.value = table.distinct[n];
    metric.absent = std::isnan(metric.value) ? "no answer is that long" : "";
    metrics.push_back(metric);
  }
  return metrics;
}

}  // namespace braid
