// METEOR 1.5 (Denkowski, Lavie 2014) with its exact and stem stages: no synonyms of WordNet, no
// paraphrases.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/metric/caption/words.h"

namespace braid {

struct MeteorWord {
  uint32_t word = 0;
  uint32_t stem = 0;      // equal stems match, at less weight
  bool function = false;  // the, of, ...: of less weight
};
using MeteorWords = std::vector<MeteorWord>;

struct MeteorParameters {
  double alpha, beta, gamma, delta, stem;
};
// Of English, as tuned by its authors; of any other language, their universal ones.
MeteorParameters meteor_parameters(const std::string& language);

// Words with stems and function words: of English, of other languages the words alone.
class MeteorVocabulary {
 public:
  explicit MeteorVocabulary(const std::string& language);
  ~MeteorVocabulary();
  MeteorWords read(const Words& words);

 private:
  class Stems;
  uint32_t number(const std::string& word);

  std::unique_ptr<Stems> stems_;  // none: a word is its own stem
  std::unordered_map<std::string, uint32_t> numbers_;
  std::unordered_map<std::string, MeteorWord> known_;
};

// What of two sentences is aligned. Words are counted as [content, function].
struct MeteorMatch {
  std::array<double, 2> candidate{}, reference{};            // words
  std::array<double, 2> exact_candidate{}, exact_reference{};  // matched as they stand
  std::array<double, 2> stem_candidate{}, stem_reference{};    // matched by their stem
  double chunks = 0;  // runs of matches that stand alike in both
};

// One-to-one, of most matches (exact ones before stems), of these the fewest chunks, of these the
// least sum of distances; searched with a beam of 40, as METEOR does.
MeteorMatch meteor_match(const MeteorWords& candidate, const MeteorWords& reference);

// Weighted matches and words of either side, chunks, plain matches: METEOR of the sums.
inline constexpr size_t kMeteorSums = 6;
using MeteorSums = std::array<double, kMeteorSums>;
double meteor(std::span<const double> sums, const MeteorParameters& parameters);

// Against the reference of the largest score, the first of equal ones.
MeteorSums meteor_sums(const MeteorWords& candidate, const std::vector<MeteorWords>& references,
                       const MeteorParameters& parameters);

}  // namespace braid
