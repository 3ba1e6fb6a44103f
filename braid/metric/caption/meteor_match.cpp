#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <tuple>

#include "braid/metric/caption/meteor.h"

namespace braid {
namespace {

constexpr size_t kMeteorBeam = 40;
constexpr size_t kNoWord = SIZE_MAX;

// An alignment of the candidate's words so far. Ways are compared by the matches that can no longer
// be had: a word left alone for the sake of a later equal one loses nothing.
struct PartWay {
  int64_t lost = 0, lost_exact = 0, chunks = 0, distance = 0;
  size_t next = kNoWord;  // reference word that would go on with the last chunk
  MeteorMatch match;
  std::vector<uint64_t> used;  // reference words, a bit each

  bool is_used(size_t j) const { return used[j / 64] >> (j % 64) & 1; }

  // Better ways are smaller.
  auto order() const { return std::tuple(lost, lost_exact, chunks, distance); }
};

class MeteorAligner {
 public:
  MeteorAligner(const MeteorWords& candidate, const MeteorWords& reference)
      : candidate_(candidate), reference_(reference) {}

  PartWay start() const {
    PartWay way;
    way.used.resize((reference_.size() + 63) / 64);
    for (const auto& word : candidate_) ++way.match.candidate[word.function];
    for (const auto& word : reference_) ++way.match.reference[word.function];
    return way;
  }

  PartWay matched(const PartWay& way, size_t i, size_t j) const {
    PartWay longer = way;
    const bool exact = candidate_[i].word == reference_[j].word;
    if (!exact) {
      longer.lost_exact += left(i + 1, candidate_[i].word) < free(way, candidate_[i].word);
      longer.lost_exact += left(i + 1, reference_[j].word) >= free(way, reference_[j].word);
    }
    auto& m = longer.match;
    ++(exact ? m.exact_candidate : m.stem_candidate)[candidate_[i].function];
    ++(exact ? m.exact_reference : m.stem_reference)[reference_[j].function];
    if (way.next != j) ++longer.chunks;
    longer.next = j + 1;
    longer.distance += std::abs(static_cast<int64_t>(i) - static_cast<int64_t>(j));
    longer.used[j / 64] |= uint64_t{1} << (j % 64);
    return longer;
  }

  // The way without a match of word `i`, of whose stem `free_stems` reference words are left.
  PartWay skipped(PartWay way, size_t i, int64_t free_stems) const {
    const auto stems = std::count_if(
        candidate_.begin() + static_cast<std::ptrdiff_t>(i) + 1, candidate_.end(),
        [&](const MeteorWord& word) { return word.stem == candidate_[i].stem; });
    way.lost += stems < free_stems;
    if (free_stems > 0) {
      way.lost_exact += left(i + 1, candidate_[i].word) < free(way, candidate_[i].word);
    }
    way.next = kNoWord;
    return way;
  }

 private:
  // How often a word stands in the candidate from `begin` on, and unmatched in the reference.
  int64_t left(size_t begin, uint32_t word) const {
    return std::count_if(candidate_.begin() + static_cast<std::ptrdiff_t>(begin), candidate_.end(),
                         [&](const MeteorWord& other) { return other.word == word; });
  }
  int64_t free(const PartWay& way, uint32_t word) const {
    int64_t count = 0;
    for (size_t j = 0; j < reference_.size(); ++j)
      count += reference_[j].word == word && !way.is_used(j);
    return count;
  }

  const MeteorWords& candidate_;
  const MeteorWords& reference_;
};

// The reference words that each candidate word may be matched to.
std::vector<std::vector<size_t>> partners_of(const MeteorWords& candidate,
                                             const MeteorWords& reference) {
  std::vector<size_t> by_stem(reference.size());
  std::iota(by_stem.begin(), by_stem.end(), size_t{0});
  const auto stem_of = [&](size_t j) { return reference[j].stem; };
  std::ranges::stable_sort(by_stem, {}, stem_of);
  std::vector<std::vector<size_t>> partners;
  for (const auto& word : candidate) {
    const auto range = std::ranges::equal_range(by_stem, word.stem, {}, stem_of);
    partners.emplace_back(range.begin(), range.end());
  }
  return partners;
}

}  // namespace

MeteorMatch meteor_match(const MeteorWords& candidate, const MeteorWords& reference) {
  const MeteorAligner aligner(candidate, reference);
  const auto partners = partners_of(candidate, reference);
  std::vector<PartWay> ways{aligner.start()}, longer;
  for (size_t i = 0; i < candidate.size(); ++i) {
    longer.clear();
    for (auto& way : ways) {
      int64_t free = 0;
      for (const size_t j : partners[i]) {
        if (way.is_used(j)) continue;
        longer.push_back(aligner.matched(way, i, j));
        ++free;
      }
      // A word that no other could be matched in place of is never better left alone.
      const bool alone = free == 1 && partners[i].size() == 1 &&
                         std::ranges::count(candidate, candidate[i].stem, &MeteorWord::stem) == 1;
      if (!alone) longer.push_back(aligner.skipped(std::move(way), i, free));
    }
    if (longer.size() > kMeteorBeam) {
      std::ranges::stable_sort(longer, {}, &PartWay::order);
      longer.resize(kMeteorBeam);
    }
    ways.swap(longer);
  }
  const auto best = std::ranges::min_element(ways, {}, &PartWay::order);
  auto match = best->match;
  match.chunks = static_cast<double>(best->chunks);
  return match;
}

}  // namespace braid
