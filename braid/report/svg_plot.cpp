#include "braid/report/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "braid/core/error.h"
#include "braid/report/html.h"
#include "braid/report/plot_math.h"

namespace braid {
namespace {

// The picture, and the frame inside it that the axes enclose.
constexpr int kPlotWidth = 460, kPlotHeight = 260;
constexpr double kFrameLeft = 50, kFrameRight = kPlotWidth - 14, kFrameTop = 20,
                 kFrameBottom = kPlotHeight - 42;
constexpr size_t kPointLimit = 500;
constexpr size_t kDotLimit = 24;  // lines up to this length show their points

std::string plot_px(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

struct PlotFrame {
  Ticks x, y;
  double to_x(double v) const {
    return kFrameLeft + (v - x.low) / (x.high - x.low) * (kFrameRight - kFrameLeft);
  }
  double to_y(double v) const {
    return kFrameBottom - (v - y.low) / (y.high - y.low) * (kFrameBottom - kFrameTop);
  }
};

struct PlotBounds {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
};

using PlotLines = std::vector<std::vector<PlotPoint>>;

// False when there is nothing to draw.
bool fit_frame(const PlotLines& lines, PlotFrame& frame) {
  PlotBounds x, y;
  for (const auto& line : lines) {
    for (const auto& point : line) {
      if (std::isnan(point.y)) continue;
      x.add(point.x);
      y.add(point.y);
    }
  }
  if (x.low > x.high) return false;
  frame.x = nice_ticks(x.low, x.high, 6);
  frame.y = nice_ticks(y.low, y.high, 5);
  // Time fills the frame; only the value axis ends on ticks.
  if (x.high > x.low) {
    frame.x.low = x.low;
    frame.x.high = x.high;
    std::erase_if(frame.x.at, [&](double at) {
      return at < x.low - 1e-6 * frame.x.step || at > x.high + 1e-6 * frame.x.step;
    });
  }
  return true;
}

void plot_label(Html& svg, double x, double y, std::string_view anchor, std::string_view text) {
  svg.leaf("text", text, {{"x", plot_px(x)}, {"y", plot_px(y)}, {"text-anchor", anchor}});
}

void draw_axes(Html& svg, const PlotFrame& frame, const Curve& curve) {
  for (const double at : frame.y.at) {
    const auto y = plot_px(frame.to_y(at));
    svg.empty("line", {{"class", "grid"},
                       {"x1", plot_px(kFrameLeft)},
                       {"x2", plot_px(kFrameRight)},
                       {"y1", y},
                       {"y2", y}});
    plot_label(svg, kFrameLeft - 7, frame.to_y(at) + 4, "end", tick_label(at, frame.y.step));
  }
  for (const double at : frame.x.at) {
    const auto x = plot_px(frame.to_x(at));
    svg.empty("line", {{"class", "axis"},
                       {"x1", x},
                       {"x2", x},
                       {"y1", plot_px(kFrameBottom)},
                       {"y2", plot_px(kFrameBottom + 4)}});
    plot_label(svg, frame.to_x(at), kFrameBottom + 17, "middle", tick_label(at, frame.x.step));
  }
  svg.empty("line", {{"class", "axis"},
                     {"x1", plot_px(kFrameLeft)},
                     {"x2", plot_px(kFrameRight)},
                     {"y1", plot_px(kFrameBottom)},
                     {"y2", plot_px(kFrameBottom)}});
  plot_label(svg, (kFrameLeft + kFrameRight) / 2, kPlotHeight - 8, "middle", curve.x_name);
  plot_label(svg, 4, 11, "start", curve.y_name);
}

void draw_line(Html& svg, const PlotFrame& frame, const std::vector<PlotPoint>& points,
               const std::string& name) {
  std::string path;
  const bool dots = points.size() <= kDotLimit;
  for (size_t i = 0; i < points.size(); ++i) {
    if (std::isnan(points[i].y)) continue;
    const bool starts = i == 0 || std::isnan(points[i - 1].y);
    const bool ends = i + 1 == points.size() || std::isnan(points[i + 1].y);
    const auto x = plot_px(frame.to_x(points[i].x)), y = plot_px(frame.to_y(points[i].y));
    path += (starts ? "M" : "L") + x + " " + y;
    if (dots || (starts && ends)) {
      svg.empty("circle", {{"class", name}, {"cx", x}, {"cy", y}, {"r", "2.6"}});
    }
  }
  if (!path.empty()) svg.empty("path", {{"class", name}, {"d", path}});
}

}  // namespace

std::string line_class(size_t line) {
  return "s" + std::to_string(line % kPlotColours) + (line < kPlotColours ? "" : " dashed");
}

std::string svg_plot(const Curve& curve) {
  PlotLines lines;
  for (const auto& line : curve.lines) {
    if (line.x.size() != line.y.size()) {
      throw Error(ErrorCode::kShape, "curve '" + curve.title + "', line '" + line.name +
                                         "': " + std::to_string(line.x.size()) + " x but " +
                                         std::to_string(line.y.size()) + " y");
    }
    lines.push_back(thinned(line.x, line.y, kPointLimit));
  }
  Html svg;
  svg.open("svg",
           {{"xmlns", "http://www.w3.org/2000/svg"},
            {"viewBox", "0 0 " + std::to_string(kPlotWidth) + " " + std::to_string(kPlotHeight)},
            {"role", "img"},
            {"aria-label", curve.title}});
  PlotFrame frame;
  if (fit_frame(lines, frame)) {
    draw_axes(svg, frame, curve);
    for (size_t i = 0; i < lines.size(); ++i) draw_line(svg, frame, lines[i], line_class(i));
  } else {
    plot_label(svg, kPlotWidth / 2.0, kPlotHeight / 2.0, "middle", "no finite values");
  }
  return svg.finish();
}

}  // namespace braid
