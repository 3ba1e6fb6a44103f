#include "braid/report/sections.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "braid/report/plot_math.h"
#include "braid/report/svg_plot.h"

namespace braid {
namespace {

constexpr size_t kProblemsShown = 20;  // more of them fold away

std::string last_value(const Curve::Line& line) {
  for (size_t i = line.y.size(); i-- > 0;) {
    if (!drawable(line.y[i])) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", line.y[i]);
    return text;
  }
  return "\u2013";
}

void add_legend(Html& page, const Curve& curve) {
  page.open("div", {{"class", "legend"}});
  for (size_t i = 0; i < curve.lines.size(); ++i) {
    page.open("span");
    page.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                      {"viewBox", "0 0 22 8"},
                      {"aria-hidden", "true"}});
    page.empty("path", {{"class", line_class(i)}, {"d", "M1 4L21 4"}}).close();
    page.text(curve.lines[i].name + " ").leaf("b", last_value(curve.lines[i])).close();
  }
  page.close();
}

void add_list(Html& page, std::span<const std::string> items) {
  page.open("ul", {{"class", "problems"}});
  for (const auto& item : items) page.leaf("li", item);
  page.close();
}

}  // namespace

std::string decimal(double value, int digits) {
  if (!std::isfinite(value)) return "\u2013";
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

void add_heading(Html& page, std::string_view id, std::string_view title) {
  page.leaf("h2", title, {{"id", id}});
}

void add_facts(Html& page, const Facts& facts) {
  page.open("dl", {{"class", "facts card"}});
  for (const auto& [name, value] : facts) {
    page.open("div").leaf("dt", name).leaf("dd", value).close();
  }
  page.close();
}

void add_curves(Html& page, std::span<const Curve> curves) {
  page.open("div", {{"class", "curves"}});
  for (const auto& curve : curves) {
    page.open("figure", {{"class", "card"}}).leaf("figcaption", curve.title);
    add_legend(page, curve);
    page.raw(svg_plot(curve)).close();
  }
  page.close();
}

void add_problems(Html& page, std::span<const std::string> problems) {
  page.open("div", {{"class", "card"}});
  add_list(page, problems.first(std::min(problems.size(), kProblemsShown)));
  if (problems.size() > kProblemsShown) {
    const auto rest = problems.subspan(kProblemsShown);
    page.open("details").leaf("summary", std::to_string(rest.size()) + " more");
    add_list(page, rest);
    page.close();
  }
  page.close();
}

void add_warnings(Html& page, std::span<const std::string> warnings) {
  if (warnings.empty()) return;
  page.open("div", {{"class", "warnings card"}, {"role", "note"}, {"aria-label", "Warnings"}});
  page.leaf("b", warnings.size() == 1 ? "Warning" : "Warnings");
  add_list(page, warnings);
  page.close();
}

void add_commands(Html& page, std::span<const std::string> commands) {
  for (const auto& command : commands) page.leaf("pre", command, {{"class", "card"}});
}

}  // namespace braid
