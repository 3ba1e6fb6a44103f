#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <tuple>

#include "braid/metric/caption/meteor.h"

namespace braid {
namespace {

constexpr size_t kMeteorBeam = 40;
constexpr size_t kNoWord = SIZE_MAX;

// An alignment of the candidate's words so far.
struct PartWay {
  int64_t exact = 0, stems = 0, chunks = 0, distance = 0;
  size_t next = kNoWord;  // reference word that would go on with the last chunk
  MeteorMatch match;
  std::vector<uint64_t> used;  // reference words, a bit each

  bool is_used(size_t j) const { return used[j / 64] >> (j % 64) & 1; }

  // Better ways are smaller.
  auto order() const { return std::tuple(-(exact + stems), -exact, chunks, distance); }
};

PartWay with_match(const PartWay& way, const MeteorWords& candidate, size_t i,
                   const MeteorWords& reference, size_t j) {
  PartWay longer = way;
  const bool exact = candidate[i].word == reference[j].word;
  ++(exact ? longer.exact : longer.stems);
  auto& m = longer.match;
  ++(exact ? m.exact_candidate : m.stem_candidate)[candidate[i].function];
  ++(exact ? m.exact_reference : m.stem_reference)[reference[j].function];
  if (way.next != j) ++longer.chunks;
  longer.next = j + 1;
  longer.distance += std::abs(static_cast<int64_t>(i) - static_cast<int64_t>(j));
  longer.used[j / 64] |= uint64_t{1} << (j % 64);
  return longer;
}

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
  PartWay start;
  start.used.resize((reference.size() + 63) / 64);
  for (const auto& word : candidate) ++start.match.candidate[word.function];
  for (const auto& word : reference) ++start.match.reference[word.function];

  const auto partners = partners_of(candidate, reference);
  std::vector<PartWay> ways{start}, longer;
  for (size_t i = 0; i < candidate.size(); ++i) {
    longer.clear();
    for (auto& way : ways) {
      bool free = false;
      for (const size_t j : partners[i]) {
        if (way.is_used(j)) continue;
        longer.push_back(with_match(way, candidate, i, reference, j));
        free = true;
      }
      // A word that no other could be matched in place of is never better left alone.
      const bool alone = free && partners[i].size() == 1 &&
                         std::ranges::count(candidate, candidate[i].stem, &MeteorWord::stem) == 1;
      if (alone) continue;
      way.next = kNoWord;
      longer.push_back(std::move(way));
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
