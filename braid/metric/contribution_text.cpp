#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "braid/core/text.h"
#include "braid/metric/columns.h"
#include "braid/metric/contribution.h"

namespace braid {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string third(double value) {
  if (std::abs(value) < 0.0005) value = 0;  // no "-0.000"
  char text[32];
  std::snprintf(text, sizeof text, std::abs(value) < 100 ? "%.3f" : "%.2g", value);
  return text;
}

std::string p_text(double p) { return p < 0.001 ? "p < 0.001" : "p " + third(p); }

std::string estimate_cell(const std::optional<Estimate>& e) {
  if (!e) return right_cell("-", 27);
  return right_cell(third(e->value), 8) + right_cell(third(e->low) + " .. " + third(e->high), 19);
}

std::string contribution_table(const Contribution& c) {
  constexpr size_t kName = 18;
  const auto& worth = c.worths[0];
  std::string text = "\n" + printable("what fields add to " + c.task + ", protocol " + c.protocol) +
                     ", n " + std::to_string(c.n) + ", in " + worth + "\n";
  text += "  " + left_cell("", kName) + right_cell("Shapley value, 95 %", 27) +
          right_cell("drop if shuffled, 95 %", 27);
  if (c.fields[0].alpha) text += right_cell("alpha", 6);
  for (const auto& field : c.fields) {
    text += "\n  " + left_cell(printable(field.field), kName) +
            estimate_cell(field.shares[0].shapley) + estimate_cell(field.shares[0].drop);
    if (field.alpha) text += right_cell(third(*field.alpha), 6);
  }
  text += "\n";
  if (!c.fields[0].shares[0].shapley) text += "  Shapley values: left out, of more than 5 fields\n";
  const auto& s = c.single;
  if (!s.field.empty()) {
    text += "  best alone: " + left_cell(printable(s.field), kName) + third(s.alone) +
            "; all: " + third(s.together) + ", " + p_text(s.p) + "\n";
  }
  return text;
}

OrderedJson estimate_json(const std::optional<Estimate>& e) {
  if (!e) return nullptr;
  return {{"value", e->value}, {"low", e->low}, {"high", e->high}};
}

}  // namespace

std::string contribution_tables(std::span<const Contribution> contributions) {
  std::string text;
  for (const auto& c : contributions) text += contribution_table(c);
  return text;
}

std::string contributions_json(std::span<const Contribution> contributions) {
  auto list = OrderedJson::array();
  for (const auto& c : contributions) {
    auto fields = OrderedJson::array();
    for (const auto& field : c.fields) {
      OrderedJson object = {{"field", field.field}};
      if (field.alpha) object["alpha"] = *field.alpha;
      for (size_t w = 0; w < c.worths.size(); ++w) {
        object[c.worths[w]] = {{"shapley", estimate_json(field.shares[w].shapley)},
                               {"drop", estimate_json(field.shares[w].drop)}};
      }
      fields.push_back(std::move(object));
    }
    OrderedJson object = {{"protocol", c.protocol}, {"split", c.split},   {"task", c.task},
                          {"n", c.n},               {"shuffled", c.shuffled}, {"worths", c.worths},
                          {"fields", fields}};
    if (!c.single.field.empty()) {
      object["best_single"] = {{"field", c.single.field},
                               {"alone", c.single.alone},
                               {"together", c.single.together},
                               {"gain", estimate_json(c.single.gain)},
                               {"p", c.single.p}};
    }
    object["warnings"] = c.warnings;
    list.push_back(std::move(object));
  }
  return list.dump(2, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace braid
