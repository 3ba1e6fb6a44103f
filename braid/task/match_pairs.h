// True and false pairs of two fields of a batch, for tasks of kind matching.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

namespace braid {

// [R] pairs: places in the list of samples of either side, and whether they are one sample.
struct MatchPairs {
  std::vector<int64_t> a, b;
  std::vector<double> truth;
};

// Of P samples that have both sides: every true pair, then for each a a b of another sample, then
// for each b an a of another. `hard`: drawn with a chance that follows softmax(cosine / 0.1) of a,
// b [P, D]; else each with the same. Samples that agree in either value are no false pair: a_keys,
// b_keys [P]. Draws from torch's CPU generator. Source: Li et al. 2021 (ALBEF), sec. 3.2.
MatchPairs draw_match_pairs(const at::Tensor& a, const at::Tensor& b,
                            const std::vector<uint64_t>& a_keys,
                            const std::vector<uint64_t>& b_keys, bool hard);

// The same for measuring, without chance: each sample's true pair, and its a with the b of the next
// sample that differs in both values; -1 where there is none. [P]
std::vector<int64_t> next_false_partner(const std::vector<uint64_t>& a_keys,
                                        const std::vector<uint64_t>& b_keys);

}  // namespace braid
