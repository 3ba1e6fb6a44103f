#include <algorithm>

#include "braid/report/sections.h"

namespace braid {
namespace {

struct BarRange {
  double low = 0, high = 0;  // zero is in it
  double place(double v) const { return high > low ? 100 * (v - low) / (high - low) : 0; }
};

BarRange range_of(const Contribution& c, size_t worth) {
  BarRange range;
  for (const auto& field : c.fields) {
    for (const auto& e : {field.shares[worth].shapley, field.shares[worth].drop}) {
      if (!e) continue;
      range.low = std::min(range.low, e->low);
      range.high = std::max(range.high, e->high);
    }
  }
  return range;
}

void add_rect(Html& page, const char* name, double from, double to, const char* y,
              const char* height) {
  page.empty("rect", {{"class", name},
                      {"x", decimal(std::min(from, to), 1)},
                      {"y", y},
                      {"width", decimal(std::max(std::abs(to - from), 0.4), 1)},
                      {"height", height}});
}

void add_estimate(Html& page, const std::string& name, const std::optional<Estimate>& e,
                  const BarRange& range) {
  page.open("td", {{"data-label", name}});
  if (!e) {
    page.text("\u2013").close();
    return;
  }
  page.text(decimal(e->value, 3));
  page.leaf("small", decimal(e->low, 3) + " \u2013 " + decimal(e->high, 3));
  page.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                    {"class", "bar"},
                    {"viewBox", "0 0 100 7"},
                    {"preserveAspectRatio", "none"},
                    {"aria-hidden", "true"}});
  add_rect(page, "track", 0, 100, "3", "1");
  add_rect(page, "mark", range.place(0), range.place(e->value), "2", "3");
  add_rect(page, "band", range.place(e->low), range.place(e->high), "0", "7");
  add_rect(page, "mark", range.place(e->value) - 0.6, range.place(e->value) + 0.6, "0", "7");
  page.close().close();
}

void add_best_single(Html& page, const BestSingle& s, const std::string& worth) {
  if (s.field.empty()) return;
  page.leaf("p",
            "Best field alone: " + s.field + ", " + worth + " " + decimal(s.alone, 3) +
                "; all together " + decimal(s.together, 3) + ". Difference " +
                decimal(s.gain.value, 3) + " (" + decimal(s.gain.low, 3) + " \u2013 " +
                decimal(s.gain.high, 3) + "), paired bootstrap p " +
                (s.p < 0.001 ? "< 0.001" : decimal(s.p, 3)) + ".",
            {{"class", "soft"}});
}

}  // namespace

void add_contribution(Html& page, const Contribution& c) {
  page.leaf("h3", "What fields add");
  page.leaf("p",
            "Shapley value: what the field adds, averaged over every order in which fields may "
            "join. Drop: what is lost when its values are shuffled between " +
                std::to_string(c.shuffled) + " rows. With 95 % bootstrap intervals, n " +
                std::to_string(c.n) + "; see docs/evaluation.md.",
            {{"class", "soft"}});
  page.open("div", {{"class", "card"}}).open("table", {{"class", "metrics"}});
  page.open("thead").open("tr").leaf("th", "field", {{"scope", "col"}});
  for (const auto& worth : c.worths) {
    page.leaf("th", "Shapley, " + worth, {{"scope", "col"}});
    page.leaf("th", "drop, " + worth, {{"scope", "col"}});
  }
  if (c.fields[0].alpha) page.leaf("th", "mean alpha", {{"scope", "col"}});
  page.close().close().open("tbody");
  for (const auto& field : c.fields) {
    page.open("tr").leaf("th", field.field, {{"scope", "row"}});
    for (size_t w = 0; w < c.worths.size(); ++w) {
      const auto range = range_of(c, w);
      add_estimate(page, "Shapley, " + c.worths[w], field.shares[w].shapley, range);
      add_estimate(page, "drop, " + c.worths[w], field.shares[w].drop, range);
    }
    if (field.alpha) page.leaf("td", decimal(*field.alpha, 3), {{"data-label", "mean alpha"}});
    page.close();
  }
  page.close().close().close();
  if (!c.fields[0].shares[0].shapley)
    page.leaf("p", "Shapley values are left out: more than five fields.", {{"class", "soft"}});
  add_best_single(page, c.single, c.worths[0]);
}

}  // namespace braid
