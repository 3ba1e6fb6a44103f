#include "braid/metric/calibration.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace braid {
namespace {

class BinSums {
 public:
  void add(double confidence, bool right) {
    auto& bin = bins_[calibration_bin(confidence)];
    ++bin.count;
    bin.confidence += confidence;
    bin.right += right;
  }
  std::vector<ReliabilityBin> means() const {
    auto bins = bins_;
    for (size_t b = 0; b < bins.size(); ++b) {
      bins[b].low = static_cast<double>(b) / kCalibrationBins;
      bins[b].high = static_cast<double>(b + 1) / kCalibrationBins;
      const auto count = static_cast<double>(std::max<int64_t>(bins[b].count, 1));
      bins[b].confidence /= count;
      bins[b].right /= count;
    }
    return bins;
  }

 private:
  std::vector<ReliabilityBin> bins_{kCalibrationBins};
};

}  // namespace

size_t calibration_bin(double confidence) {
  const double above = std::ceil(confidence * static_cast<double>(kCalibrationBins)) - 1;
  return static_cast<size_t>(std::clamp(above, 0.0, static_cast<double>(kCalibrationBins - 1)));
}

double CalibrationError::value() const {
  double sum = 0;
  for (const double excess : excess_) sum += std::abs(excess);
  return sum / static_cast<double>(total_);
}

std::vector<ReliabilityBin> reliability(const ClassPredictions& predictions) {
  const auto given = checked(predictions);
  BinSums sums;
  for (size_t i = 0; i < given.size(); ++i) {
    const double* row = given.row(i);
    const double* best = std::max_element(row, row + given.classes);
    sums.add(*best, static_cast<size_t>(best - row) == given.labels[i]);
  }
  return sums.means();
}

std::vector<ReliabilityBin> reliability(const LabelPredictions& predictions) {
  const auto given = checked(predictions);
  BinSums sums;
  for (size_t cell = 0; cell < given.labels.size(); ++cell) {
    if (given.labels[cell] >= 0) sums.add(given.probabilities[cell], given.labels[cell] == 1);
  }
  return sums.means();
}

std::string reliability_json(const std::vector<ReliabilityBin>& bins) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& bin : bins) {
    list.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"count", bin.count},
                    {"confidence", bin.confidence},
                    {"right", bin.right}});
  }
  return list.dump(2);
}

}  // namespace braid
