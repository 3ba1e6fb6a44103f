// What models answered beside what is true: the input of every metric of a task.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "braid/core/array.h"

namespace braid {

// Samples of one group (a patient, a speaker) are resampled together; without groups each sample is
// one of its own.

// One class a sample.
struct ClassPredictions {
  Array probabilities;              // [N, C] F32 or F64, C >= 2, each row sums to 1
  std::vector<int64_t> labels;      // [N] class, -1 = missing: the sample does not count
  std::vector<std::string> names;   // [C]
  std::vector<int64_t> group = {};  // [N] or empty
  std::vector<double> prior = {};   // [C] shares in training; empty: those of `labels`
};

// Any number of labels a sample.
struct LabelPredictions {
  Array probabilities;              // [N, L] F32 or F64, each in [0, 1]
  std::vector<int64_t> labels;      // [N * L] 1, 0 or -1 = not known: the cell does not count
  std::vector<std::string> names;   // [L]
  std::vector<int64_t> group = {};  // [N] or empty
};

// Numbers.
struct ValuePredictions {
  Array predictions;                // [N, K] F32 or F64
  Array targets;                    // [N, K] F32 or F64, NaN = missing: the cell does not count
  std::vector<std::string> names;   // [K]
  std::vector<int64_t> group = {};  // [N] or empty
};

// The same, checked, as doubles, without what does not count. Every row is checked, those without
// a label too. Throws Error(kShape) for sizes that do not match, Error(kInput) for a number that is
// none of the above and where nothing is left; both say where.
struct CheckedClasses {
  size_t classes = 0;
  std::vector<double> probabilities;  // [n, C]
  std::vector<size_t> labels;         // [n]
  std::vector<int64_t> group;         // [n]
  std::vector<double> prior;          // [C], sums to 1

  size_t size() const { return labels.size(); }
  const double* row(size_t i) const { return probabilities.data() + i * classes; }
};
CheckedClasses checked(const ClassPredictions& predictions);

struct CheckedLabels {
  size_t width = 0;
  std::vector<double> probabilities;  // [n, L]; a sample without any known label is left out
  std::vector<int64_t> labels;        // [n, L]
  std::vector<int64_t> group;         // [n]

  size_t size() const { return group.size(); }
};
CheckedLabels checked(const LabelPredictions& predictions);

struct CheckedValues {
  size_t width = 0;
  std::vector<double> predictions, targets;  // [n, K]; NaN target = missing
  std::vector<int64_t> group;                // [n]

  size_t size() const { return group.size(); }
};
CheckedValues checked(const ValuePredictions& predictions);

}  // namespace braid
