// Which columns give the target away: what would make a classifier look good and be useless.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace braid {

class Dataset;

// A column that no model should be given, and the numbers that say so.
struct TargetLeak {
  std::string column;
  std::string kind;   // "copy", "id" (names rows), "predicts"
  std::string words;  // "right in 0.99 of 154 rows, ..."
  int64_t rows = 0;   // compared: with a target, for "copy" with both
  double right = 0;   // share right when each row is left out; "id": share of different values
  double alone = 0;   // share that the most frequent target alone gets right
  double lowest = 0;  // what `right` is at least, with 99.9 % certainty
};

struct TargetAudit {
  std::string column;
  int64_t rows = 0;      // with a target
  int64_t compared = 0;  // of them, evenly spread: memory is bounded
  int64_t classes = 0;   // different targets
  bool number = false;   // a measured target: shares are of its variance
  std::vector<TargetLeak> leaks;
};

// Throws Error(kConfig) for a column that no row has, Error(kInput) for one without two values.
TargetAudit audit_target(const Dataset& data, const std::string& target);

}  // namespace braid
