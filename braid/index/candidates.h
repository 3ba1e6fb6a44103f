// The rows of one state of an index that answer questions best.
#pragma once

#include <cstdint>
#include <vector>

#include "braid/index/snapshot.h"

namespace braid {

struct Candidate {
  float score;
  int64_t id;
};

// Which rows of each segment of a snapshot pass a filter.
struct RowMasks {
  std::vector<std::vector<uint8_t>> rows;  // as Snapshot::segments; [rows], only live ones are 1
  std::vector<int64_t> counts;             // ones in each
};

struct Questions {
  const std::vector<float>& queries;  // [Q, D], unit
  int64_t k = 10;
  bool exact = false;               // score every row that may be a hit
  const RowMasks* masks = nullptr;  // nullptr: all live rows may
  int64_t threads = 0;              // 0: as many as the machine has
};

// For each query: the k best and all that equal the k-th, best first.
//
// A graph or clusters were tuned to find the 10 nearest rows. A filter, removed rows or a large k
// need more of the nearest, so that enough of those are allowed: the search goes deeper, with
// effort in proportion, until they are, or until looking at every row is no dearer, which is then
// done.
std::vector<std::vector<Candidate>> find_candidates(const Snapshot& snapshot,
                                                    const Questions& questions);

}  // namespace braid
