// Do stated probabilities come true? Reliability bins and the expected calibration error
//   ECE = sum over bins of count / n * |mean confidence - share that was right|
// with 15 bins of equal width, (b / 15, (b + 1) / 15], zero in the first (Naeini et al. 2015; Guo
// et al. 2017, eq. 3).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "braid/metric/predictions.h"

namespace braid {

inline constexpr size_t kCalibrationBins = 15;

size_t calibration_bin(double confidence);

// Adds up one set of answers.
class CalibrationError {
 public:
  void add(size_t bin, double confidence, bool right, int64_t times) {
    excess_[bin] += static_cast<double>(times) * (confidence - (right ? 1 : 0));
    total_ += times;
  }
  double value() const;

 private:
  std::array<double, kCalibrationBins> excess_{};
  int64_t total_ = 0;
};

struct ReliabilityBin {
  double low = 0, high = 0;
  int64_t count = 0;
  double confidence = 0;  // mean of the bin; of an empty one 0
  double right = 0;       // share
};

// For a diagram, all bins in order. Of classes: the answered class and its probability; of labels:
// every known cell, right = the label is there. Throw what `checked` throws.
std::vector<ReliabilityBin> reliability(const ClassPredictions& predictions);
std::vector<ReliabilityBin> reliability(const LabelPredictions& predictions);
std::string reliability_json(const std::vector<ReliabilityBin>& bins);  // one array

}  // namespace braid
