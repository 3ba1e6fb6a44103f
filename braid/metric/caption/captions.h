// What captions (answers, any sentences) are worth beside references: BLEU, ROUGE-L, CIDEr-D, METEOR
// of exact words and stems, chrF, distinct n-grams. Formulas, sources and what differs from the
// reference programs: docs/metrics.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "braid/metric/statistics.h"

namespace braid {

// Of each sample one sentence and what people said of the same thing. UTF-8.
struct Captions {
  std::vector<std::string> candidates;               // [n]; an empty one scores 0
  std::vector<std::vector<std::string>> references;  // [n], one or more each
  std::vector<int64_t> group = {};                   // [n] or empty: drawn together
};

// How a sentence becomes words.
enum class WordRule {
  kPtb,         // English, as coco-caption does: Penn Treebank words, lower case, no punctuation
  kSpaces,      // the text is in words already, one blank between two
  kCharacters,  // Chinese: every ideograph a word, runs of other letters one
  kIcu,         // words of ICU's dictionaries, lower case, no punctuation
};

std::string_view word_rule_name(WordRule rule);  // "ptb", "spaces", "characters", "icu"
std::vector<std::string> word_rule_names();
WordRule word_rule_of(std::string_view name);  // throws Error(kUsage)
// For Metric::protocol: "words ptb"; of kIcu with ICU's version, whose dictionaries change.
std::string word_rule_protocol(WordRule rule);

struct CaptionRule {
  WordRule words = WordRule::kPtb;
  std::string language = "en";  // stems and function words of METEOR where it is "en"
  int threads = 1;
};

inline constexpr size_t kLongestCaption = 1000;  // words; alignments are quadratic in them, or worse

// bleu_1 .. bleu_4, rouge_l, cider_d, meteor, chrf, all as functions of how often each sample
// counts; cider_d keeps the document frequencies of all samples and is absent of one sample alone.
// Throws Error(kShape) for lists that do not match, Error(kInput) for nothing to score, a sample
// without references or bytes that are no UTF-8, Error(kLimit) for a sentence of more than
// kLongestCaption words.
Statistics caption_statistics(const Captions& captions, const CaptionRule& rule,
                              const Metric& about);

// The same with values and intervals, then distinct_1 and distinct_2, whose interval is NaN: a
// resample repeats sentences and has fewer distinct words by that alone.
std::vector<Metric> caption_scores(const Captions& captions, const CaptionRule& rule,
                                   const Metric& about);

}  // namespace braid
