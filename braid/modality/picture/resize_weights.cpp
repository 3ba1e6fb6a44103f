#include "braid/modality/picture/resize_weights.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace braid {
namespace {

double bilinear(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// Keys' cubic with a = -0.5.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

int32_t fixed_point(double weight) {
  const double scaled = weight * (1 << kFractionBits);
  return static_cast<int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

AxisWeights weigh(const Axis& axis, ResizeFilter filter) {
  const auto curve = filter == ResizeFilter::kBilinear ? bilinear : bicubic;
  const double scale = static_cast<double>(axis.end - axis.begin) / axis.out_size;
  const double stretch = std::max(scale, 1.0);
  const double support = (filter == ResizeFilter::kBilinear ? 1.0 : 2.0) * stretch;
  const auto center = [&](int64_t i) { return axis.begin + (i + axis.out_first + 0.5) * scale; };
  AxisWeights result;
  int64_t most = 0;
  for (int64_t i = 0; i < axis.out_count; ++i) {
    const auto first = std::max<int64_t>(0, static_cast<int64_t>(center(i) - support + 0.5));
    const auto last =
        std::min<int64_t>(axis.in_size, static_cast<int64_t>(center(i) + support + 0.5));
    result.first.push_back(first);
    result.count.push_back(last - first);
    most = std::max(most, last - first);
  }
  result.taps = std::max<int64_t>(4, (most + 3) / 4 * 4);
  result.weights.resize(static_cast<size_t>(axis.out_count * result.taps));
  std::vector<double> exact(static_cast<size_t>(most));
  for (int64_t i = 0; i < axis.out_count; ++i) {
    double sum = 0;
    for (int64_t k = 0; k < result.count[i]; ++k) {
      sum += exact[k] = curve((result.first[i] + k - center(i) + 0.5) * (1.0 / stretch));
    }
    for (int64_t k = 0; k < result.count[i]; ++k) {
      result.weights[i * result.taps + k] = fixed_point(sum != 0 ? exact[k] / sum : exact[k]);
    }
  }
  return result;
}

}  // namespace braid
