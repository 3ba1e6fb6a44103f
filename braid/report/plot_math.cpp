#include "braid/report/plot_math.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace braid {
namespace {

constexpr double kLeastRange = 1e-100;  // powers of ten below it lose their digits

// The smallest of 1, 2, 5 times a power of ten that is not below `wanted`.
double nice_step(double wanted) {
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= wanted * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

void add_stretch(std::vector<PlotPoint>& out, std::span<const double> x,
                 std::span<const double> y) {
  size_t lowest = x.size(), highest = x.size();
  bool gap = false;
  for (size_t i = 0; i < x.size(); ++i) {
    if (!drawable(x[i]) || !drawable(y[i])) {
      gap = true;
      continue;
    }
    if (lowest == x.size() || y[i] < y[lowest]) lowest = i;
    if (highest == x.size() || y[i] > y[highest]) highest = i;
  }
  if (lowest < x.size()) {
    const auto [first, second] = std::minmax(lowest, highest);
    out.push_back({x[first], y[first]});
    if (second != first) out.push_back({x[second], y[second]});
  }
  if (gap) out.push_back({0, std::numeric_limits<double>::quiet_NaN()});
}

}  // namespace

bool drawable(double value) { return std::isfinite(value) && std::abs(value) < 1e100; }

Ticks nice_ticks(double low, double high, int count) {
  const double scale = std::max(std::abs(low), std::abs(high));
  if (high - low <= std::max(1e-9 * scale, kLeastRange)) {
    const double margin = scale > kLeastRange ? scale / 10 : 0.5;
    low -= margin;
    high += margin;
  }
  Ticks ticks;
  ticks.step = nice_step((high - low) / std::max(count, 1));
  const double first = std::floor(low / ticks.step + 1e-6);
  const double last = std::ceil(high / ticks.step - 1e-6);
  for (double i = first; i <= last; ++i) ticks.at.push_back(i * ticks.step);
  ticks.low = ticks.at.front();
  ticks.high = ticks.at.back();
  return ticks;
}

std::string tick_label(double value, double step) {
  char text[40];
  const auto decimals = [](double s) {
    return std::clamp(static_cast<int>(-std::floor(std::log10(s) + 1e-9)), 0, 6);
  };
  if (std::abs(value) < step * 1e-6) return "0";
  if (step < 1e-4 || std::abs(value) >= 1e9) {
    std::snprintf(text, sizeof text, "%.4g", value);
  } else if (step >= 1e6) {
    std::snprintf(text, sizeof text, "%.*fM", decimals(step / 1e6), value / 1e6);
  } else if (step >= 1e3) {
    std::snprintf(text, sizeof text, "%.*fk", decimals(step / 1e3), value / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.*f", decimals(step), value);
  }
  return text;
}

std::vector<PlotPoint> thinned(std::span<const double> x, std::span<const double> y, size_t limit) {
  const size_t stretches = std::max<size_t>(limit / 2, 1);
  const size_t length = x.size() <= limit ? 1 : (x.size() + stretches - 1) / stretches;
  std::vector<PlotPoint> points;
  for (size_t begin = 0; begin < x.size(); begin += length) {
    const size_t size = std::min(length, x.size() - begin);
    add_stretch(points, x.subspan(begin, size), y.subspan(begin, size));
  }
  return points;
}

}  // namespace braid
