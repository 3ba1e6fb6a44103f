// The numbers behind a plot: axis ticks, their labels, and series thinned to what a screen shows.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace braid {

struct Ticks {
  double low = 0, high = 1;  // the axis, from the first tick to the last
  double step = 1;           // 1, 2 or 5 times a power of ten
  std::vector<double> at;
};

// About `count` ticks whose ends enclose low .. high, both finite; a range without width is
// widened.
Ticks nice_ticks(double low, double high, int count);

// "0.25", "12k", "3e-05": with the decimals that `step` needs.
std::string tick_label(double value, double step);

struct PlotPoint {
  double x = 0;
  double y = 0;  // NaN = the line has a gap here
};

// What can be drawn: finite and not so large that ranges overflow.
bool drawable(double value);

// The points of a line, at most about `limit`: of each stretch the lowest and the highest, so that
// spikes stay. Points that are not drawable become gaps.
std::vector<PlotPoint> thinned(std::span<const double> x, std::span<const double> y, size_t limit);

}  // namespace braid
