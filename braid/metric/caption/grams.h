// Sentences as counts of their n-grams of 1 to 4 words.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/metric/caption/ngram_table.h"
#include "braid/metric/caption/words.h"

namespace braid {

inline constexpr size_t kGramOrders = 4;

struct Gram {
  uint32_t id = 0;
  uint16_t order = 0;  // words - 1
  uint16_t count = 0;
};

struct CountedWords {
  std::vector<uint32_t> words;  // numbers of words, equal where the words are
  std::vector<Gram> grams;      // by rising id, each once
};

// One sentence and those it is held against.
struct CountedSample {
  CountedWords candidate;
  std::vector<CountedWords> references;
};

class GramCounter {
 public:
  CountedWords count(const Words& words);
  // Learns nothing: n-grams that are new have ids from size() on that mean this sentence alone.
  CountedWords count_known(const Words& words) const;
  uint32_t size() const { return table_.size(); }  // ids given so far

 private:
  std::unordered_map<std::string, uint32_t> numbers_;
  NgramTable table_;
};

// Corpus BLEU (Papineni et al. 2002) from sums over samples.
inline constexpr size_t kBleuSums = 2 + 2 * kGramOrders;
using BleuSums = std::array<double, kBleuSums>;  // words, closest reference's, right x 4, all x 4
BleuSums bleu_sums(const CountedSample& sample);
double bleu(std::span<const double> sums, size_t order);  // 1 .. 4

// ROUGE-L (Lin 2004), beta 1.2: longest common subsequence, best precision and recall of any
// reference.
double rouge_l(const CountedSample& sample);

// CIDEr-D (Vedantam et al. 2015), sigma 6, times 10. The document of a sample is all its references.
class CiderD {
 public:
  // `grams`: GramCounter::size() of the counter that made the samples.
  CiderD(std::span<const CountedSample> samples, uint32_t grams);

  // Of a sample counted by the same counter; its n-grams may be new. Many threads.
  double score(const CountedSample& sample) const;

 private:
  double weight(const Gram& gram) const;  // count x inverse document frequency

  std::vector<uint32_t> documents_;  // that have n-gram i
  double log_documents_ = 0;
};

}  // namespace braid
