#include <algorithm>
#include <cmath>

#include "braid/report/sections.h"

namespace braid {
namespace {

constexpr double kSquare = 260, kLeft = 40, kTop = 10;  // of the square that the axes enclose

std::string at_x(double v) { return decimal(kLeft + v * kSquare, 1); }
std::string at_y(double v) { return decimal(kTop + (1 - v) * kSquare, 1); }

void add_line(Html& page, const char* name, double x1, double y1, double x2, double y2) {
  page.empty("line", {{"class", name},
                      {"x1", at_x(x1)},
                      {"y1", at_y(y1)},
                      {"x2", at_x(x2)},
                      {"y2", at_y(y2)}});
}

void add_axis_text(Html& page, const std::string& x, const std::string& y, const char* anchor,
                   const std::string& words) {
  page.leaf("text", words, {{"x", x}, {"y", y}, {"text-anchor", anchor}});
}

void add_axes(Html& page) {
  for (const double v : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    add_line(page, "grid", 0, v, 1, v);
    add_axis_text(page, decimal(kLeft - 6, 1), decimal(kTop + (1 - v) * kSquare + 4, 1), "end",
                  decimal(v, 2));
    add_axis_text(page, at_x(v), decimal(kTop + kSquare + 16, 1), "middle", decimal(v, 2));
  }
  add_axis_text(page, at_x(0.5), decimal(kTop + kSquare + 34, 1), "middle",
                "stated probability (across), share that is right (up)");
}

void add_bins(Html& page, std::span<const ReliabilityBin> bins, int64_t total) {
  for (const auto& bin : bins) {
    if (bin.count == 0) continue;
    page.empty("rect", {{"x", at_x(bin.low + 0.004)},
                        {"y", at_y(bin.right)},
                        {"width", decimal((bin.high - bin.low - 0.008) * kSquare, 1)},
                        {"height", decimal(bin.right * kSquare, 1)}});
  }
  add_line(page, "ideal", 0, 0, 1, 1);
  for (const auto& bin : bins) {
    if (bin.count == 0) continue;
    const double share = static_cast<double>(bin.count) / static_cast<double>(total);
    page.empty("circle", {{"cx", at_x(bin.confidence)},
                          {"cy", at_y(bin.right)},
                          {"r", decimal(2 + 6 * std::sqrt(share), 1)}});
  }
}

void add_bin_table(Html& page, std::span<const ReliabilityBin> bins) {
  page.open("details").leaf("summary", "The same as a table");
  page.open("table").open("thead").open("tr");
  for (const char* head : {"stated", "samples", "mean stated", "right"})
    page.leaf("th", head, {{"scope", "col"}});
  page.close().close().open("tbody");
  for (const auto& bin : bins) {
    if (bin.count == 0) continue;
    page.open("tr").leaf("th", decimal(bin.low, 2) + " \u2013 " + decimal(bin.high, 2),
                         {{"scope", "row"}});
    page.leaf("td", std::to_string(bin.count)).leaf("td", decimal(bin.confidence, 3));
    page.leaf("td", decimal(bin.right, 3)).close();
  }
  page.close().close().close();
}

}  // namespace

void add_reliability(Html& page, std::span<const ReliabilityBin> bins, double ece) {
  int64_t total = 0;
  for (const auto& bin : bins) total += bin.count;
  if (total == 0) return;
  const auto words = std::isfinite(ece) ? "expected calibration error " + decimal(ece, 3)
                                        : std::string("stated and true shares");
  page.leaf("h3", "Reliability");
  page.leaf("p",
            "Do stated probabilities come true? Bars on the dashed line do, below it the model is "
            "too sure. Dots are means, their size the samples: " + words + ".",
            {{"class", "soft"}});
  page.open("figure", {{"class", "card reliability"}});
  page.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                    {"viewBox", "0 0 320 310"},
                    {"role", "img"},
                    {"aria-label", "Reliability diagram: " + words}});
  add_axes(page);
  add_bins(page, bins, total);
  page.close();
  add_bin_table(page, bins);
  page.close();
}

}  // namespace braid
