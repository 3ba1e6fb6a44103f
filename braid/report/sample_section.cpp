#include <algorithm>
#include <cmath>

#include "braid/report/plot_math.h"
#include "braid/report/sections.h"
#include "braid/report/svg_plot.h"

namespace braid {
namespace {

constexpr double kWaveWidth = 240, kWaveHeight = 56;
constexpr size_t kWaveSteps = 120, kTracePoints = 200;

std::string point(double x, double y) { return decimal(x, 1) + " " + decimal(y, 1); }

// The lowest and highest sample of each stretch, as one outline.
std::string outline(const std::vector<double>& wave) {
  const size_t steps = std::min(kWaveSteps, wave.size());
  double peak = 1e-9;
  for (const double v : wave) peak = std::max(peak, std::abs(v));
  std::string above, below;
  for (size_t s = 0; s < steps; ++s) {
    const auto begin = wave.begin() + static_cast<std::ptrdiff_t>(s * wave.size() / steps);
    const auto end = wave.begin() + static_cast<std::ptrdiff_t>((s + 1) * wave.size() / steps);
    const auto [low, high] = std::minmax_element(begin, end);
    const double x = kWaveWidth * (static_cast<double>(s) + 0.5) / static_cast<double>(steps);
    const auto y = [&](double v) { return kWaveHeight / 2 * (1 - 0.95 * v / peak); };
    above += (s == 0 ? "M" : "L") + point(x, y(*high));
    below = "L" + point(x, y(*low)) + below;
  }
  return above + below + "Z";
}

// A series of its own range.
std::string trace_path(const std::vector<double>& values) {
  std::vector<double> x(values.size());
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
  const auto points = thinned(x, values, kTracePoints);
  double low = INFINITY, high = -INFINITY;
  for (const auto& p : points) {
    if (std::isnan(p.y)) continue;
    low = std::min(low, p.y);
    high = std::max(high, p.y);
  }
  const double range = high > low ? high - low : 1;
  const double length = std::max<double>(1, static_cast<double>(values.size()) - 1);
  std::string path;
  bool pen_up = true;
  for (const auto& p : points) {
    if (std::isnan(p.y)) {
      pen_up = true;
      continue;
    }
    path += (pen_up ? "M" : "L") + point(kWaveWidth * p.x / length,
                                         kWaveHeight * (0.95 - 0.9 * (p.y - low) / range));
    pen_up = false;
  }
  return path;
}

void add_traces(Html& page, const InputView& input) {
  const bool sound = input.seconds > 0;
  std::string words = sound ? "waveform of " + decimal(input.seconds, 2) + " s" : "series of";
  for (const auto& trace : input.traces) words += trace.name.empty() ? "" : " " + trace.name;
  page.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                    {"class", "wave"},
                    {"viewBox", "0 0 240 56"},
                    {"preserveAspectRatio", "none"},
                    {"role", "img"},
                    {"aria-label", words}});
  for (size_t i = 0; i < input.traces.size(); ++i) {
    const auto& values = input.traces[i].values;
    if (values.empty()) continue;
    page.empty("path", {{"class", sound ? "sound" : line_class(i)},
                        {"d", sound ? outline(values) : trace_path(values)}});
  }
  page.close();
  page.leaf("div", words, {{"class", "weight"}});
}

void add_picture(Html& page, const Thumbnail& picture, const std::string& words) {
  page.empty("img",
             {{"src", "data:" + picture.mime + ";base64," + base64(as_text(picture.bytes))},
              {"alt", words}});
}

void add_input(Html& page, const InputView& input) {
  if (!input.picture.bytes.empty()) {
    const bool heat = !input.heat.bytes.empty();
    if (heat) page.open("div", {{"class", "pictures"}});
    add_picture(page, input.picture, input.field);
    if (heat) add_picture(page, input.heat, "heat over " + input.field);
    if (heat) page.close();
  } else if (!input.traces.empty()) {
    add_traces(page, input);
  } else if (!input.cells.empty()) {
    page.open("dl");
    for (const auto& [name, text] : input.cells)
      page.leaf("dt", name).leaf("dd", text.empty() ? "\u2013" : text);
    page.close();
  } else {
    page.leaf("p", input.text);
  }
}

// alpha as a bar of 0 .. 1 and in words, the Shapley value in words.
void add_weight(Html& page, const SampleView& sample, size_t field) {
  std::string words;
  if (field < sample.alpha.size()) {
    const double alpha = sample.alpha[field];
    words = "alpha " + decimal(alpha, 3);
    page.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                      {"class", "bar"},
                      {"viewBox", "0 0 100 7"},
                      {"preserveAspectRatio", "none"},
                      {"aria-hidden", "true"}});
    page.empty("rect", {{"class", "track"}, {"x", "0"}, {"y", "3"}, {"width", "100"},
                        {"height", "1"}});
    page.empty("rect", {{"class", "mark"},
                        {"x", "0"},
                        {"y", "1"},
                        {"width", decimal(100 * std::clamp(alpha, 0.0, 1.0), 1)},
                        {"height", "5"}});
    page.close();
  }
  if (field < sample.shapley.size()) {
    words += (words.empty() ? "" : " \u00b7 ") + ("Shapley " + decimal(sample.shapley[field], 3));
  }
  if (!words.empty()) page.leaf("div", words, {{"class", "weight"}});
}

}  // namespace

void add_sample(Html& page, const SampleView& sample, std::span<const std::string> fields) {
  page.open("article", {{"class", "example card"}}).open("header");
  page.open("div", {{"class", "query"}});
  if (sample.chrf) {
    page.leaf("span", sample.answer.empty() ? "(nothing)" : sample.answer);
    page.leaf("span", "chrF " + decimal(*sample.chrf, 3), {{"class", "tag"}});
  } else {
    page.text("true: " + sample.truth + " \u00b7 ");
    const bool wrong = sample.answer != sample.truth;
    page.leaf("span", "answer: " + sample.answer, {{"class", wrong ? "wrong" : "same"}});
  }
  if (sample.confidence)
    page.leaf("span", "probability " + decimal(*sample.confidence, 3), {{"class", "tag"}});
  page.close().leaf("div", sample.where, {{"class", "rank"}}).close();
  if (sample.chrf) page.leaf("p", "references: " + sample.truth, {{"class", "references"}});
  page.open("ul", {{"class", "inputs"}});
  for (size_t f = 0; f < fields.size(); ++f) {
    const auto found = std::ranges::find(sample.inputs, fields[f], &InputView::field);
    page.open("li").leaf("h4", fields[f]);
    if (found == sample.inputs.end()) {
      page.leaf("p", "missing");
    } else {
      add_input(page, *found);
      add_weight(page, sample, f);
    }
    page.close();
  }
  page.close().close();
}

}  // namespace braid
