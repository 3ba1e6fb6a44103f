// A curve as inline SVG: axes with ticks, grid, one path a line. Colours come from the page's
// style.
#pragma once

#include <string>

#include "braid/report/report.h"

namespace braid {

inline constexpr size_t kPlotColours = 7;  // classes s0 .. s6; later lines repeat them, dashed

std::string line_class(size_t line);  // "s2", "s2 dashed"

// Throws Error(kShape) for a line whose x and y differ in length.
std::string svg_plot(const Curve& curve);

}  // namespace braid
