#include "braid/metric/caption/meteor.h"

#include <libstemmer.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "braid/core/error.h"

namespace braid {
namespace {

// The English words and marks of METEOR 1.5's list: those of a relative frequency above 0.001 in
// its authors' news texts.
const std::unordered_set<std::string_view> kFunctionWords = {
    "the",   ",",    ".",    "to",    "of",    "and",  "a",     "in",    "that",  "for",   "\"",
    "is",    "on",   "'s",   "it",    "with",  "was",  "as",    "said",  "at",    "he",    "by",
    "be",    "from", "have", "has",   "are",   "his",  "but",   "an",    "this",  "not",   "i",
    "will",  "\u2019", "they", ")",   "-rrb-", "(",    "-lrb-", "who",   "their", "had",   "we",
    "which", "were", "been", "more",  "or",    "s",    "its",   "would", "about", "new",   "one",
    "after", "you",  ":",    "also",  "up",    "when", "there", "than",  "$",     "all",   "out",
    "her",   "she",  "people", "year", "two",  "-",    "can",   "if",    "last",  "first", "\u201C",
    "over",  "other", "\u201D", "into", "some", "what", "so",   "--",    "no",    "time",  "years",
    "could", "?",    "'t",   "\u2014", "'"};

double weighted(const std::array<double, 2>& words, double delta) {
  return delta * words[0] + (1 - delta) * words[1];
}

double all_of(const std::array<double, 2>& words) { return words[0] + words[1]; }

}  // namespace

MeteorParameters meteor_parameters(const std::string& language) {
  if (language == "en") return {0.85, 0.2, 0.6, 0.75, 0.6};
  return {0.7, 1.4, 0.3, 0.7, 0.6};
}

class MeteorVocabulary::Stems {
 public:
  Stems() : stemmer_(sb_stemmer_new("english", "UTF_8")) {
    if (stemmer_ == nullptr) throw Error(ErrorCode::kInternal, "libstemmer has no English stems");
  }
  ~Stems() { sb_stemmer_delete(stemmer_); }
  Stems(const Stems&) = delete;
  Stems& operator=(const Stems&) = delete;

  std::string of(const std::string& word) {
    const auto* stem =
        sb_stemmer_stem(stemmer_, reinterpret_cast<const sb_symbol*>(word.data()),
                        static_cast<int>(word.size()));
    if (stem == nullptr) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(stem),
            static_cast<size_t>(sb_stemmer_length(stemmer_))};
  }

 private:
  sb_stemmer* stemmer_;
};

MeteorVocabulary::MeteorVocabulary(const std::string& language) {
  if (language == "en") stems_ = std::make_unique<Stems>();
}

MeteorVocabulary::~MeteorVocabulary() = default;

uint32_t MeteorVocabulary::number(const std::string& word) {
  return numbers_.try_emplace(word, static_cast<uint32_t>(numbers_.size())).first->second;
}

MeteorWords MeteorVocabulary::read(const Words& words) {
  MeteorWords read;
  for (const auto& word : words) {
    const auto [at, fresh] = known_.try_emplace(word);
    if (fresh) {
      at->second.word = number(word);
      at->second.stem = stems_ ? number(stems_->of(word)) : at->second.word;
      at->second.function = stems_ && kFunctionWords.contains(word);
    }
    read.push_back(at->second);
  }
  return read;
}

double meteor(std::span<const double> sums, const MeteorParameters& p) {
  if (sums[0] == 0) return 0;
  const double precision = sums[0] / sums[1], recall = sums[2] / sums[3];
  const double mean = precision * recall / (p.alpha * precision + (1 - p.alpha) * recall);
  return mean * (1 - p.gamma * std::pow(sums[4] / sums[5], p.beta));
}

MeteorSums meteor_sums(const MeteorWords& candidate, const std::vector<MeteorWords>& references,
                       const MeteorParameters& p) {
  MeteorSums best{};
  double best_score = -1;
  for (const auto& reference : references) {
    const auto match = meteor_match(candidate, reference);
    const double ours = all_of(match.exact_candidate) + all_of(match.stem_candidate);
    // One chunk that is both sentences has no break: it costs nothing, in sums too.
    const bool whole = match.chunks == 1 && ours == all_of(match.candidate) &&
                       ours == all_of(match.reference);
    const MeteorSums sums = {weighted(match.exact_candidate, p.delta) +
                                 p.stem * weighted(match.stem_candidate, p.delta),
                             weighted(match.candidate, p.delta),
                             weighted(match.exact_reference, p.delta) +
                                 p.stem * weighted(match.stem_reference, p.delta),
                             weighted(match.reference, p.delta),
                             whole ? 0 : match.chunks,
                             ours};
    const double score = meteor(sums, p);
    if (score > best_score) {
      best_score = score;
      best = sums;
    }
  }
  return best;
}

}  // namespace braid
