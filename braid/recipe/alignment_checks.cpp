#include "braid/recipe/alignment_checks.h"

#include <algorithm>

#include "braid/core/text.h"
#include "braid/recipe/catalog.h"
#include "braid/recipe/eval_checks.h"

namespace braid {
namespace {

std::string kind_of(const ConfigNode& loss) {
  const auto* kind = loss.find("kind");
  return kind ? kind->text() : loss.text();
}

// Throws at `at` for a term that an earlier one says already, or that has nothing to compare.
void check_pairing(const Recipe& recipe, size_t term, const ConfigNode& at) {
  const auto fields_of = [&](size_t i) {
    auto names = recipe.alignment[i].between;
    std::sort(names.begin(), names.end());
    return names;
  };
  const auto& views = recipe.alignment[term].views;
  const auto between = fields_of(term);
  for (size_t i = 0; i < term; ++i) {
    if (recipe.alignment[i].views != views || fields_of(i) != between) continue;
    const auto kind = kind_of(recipe.alignment[term].loss);
    if (kind_of(recipe.alignment[i].loss) != kind) continue;  // two losses, of two kinds
    at.fail((views.empty() ? join(recipe.alignment[term].between, " and ") + " are"
                           : "views of " + views + " are") +
            " aligned by an earlier term already, of kind " + kind);
  }
  if (between.empty() || between[0] != between[1]) return;
  if (parse_sources(recipe.fields[recipe.field_index(between[0])].second.from).size() < 2) {
    at.fail("between: " + between[0] + " has one source only, nothing to align it with");
  }
}

void check_widths(int64_t whole, const TermConfig& term, const ConfigNode& at) {
  const auto& widths = term.widths;
  for (size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] < 1 || widths[i] > whole) {
      at.fail("widths: expected 1 .. space.width = " + std::to_string(whole) + ", got " +
              std::to_string(widths[i]));
    }
    if (std::find(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(i), widths[i]) !=
        widths.begin() + static_cast<std::ptrdiff_t>(i)) {
      at.fail("widths: " + std::to_string(widths[i]) + " stands twice");
    }
  }
  if (!widths.empty() && std::find(widths.begin(), widths.end(), whole) == widths.end()) {
    at.fail("widths: expected space.width = " + std::to_string(whole) + " among them");
  }
  const auto& weights = term.width_weights;
  if (!weights.empty() && weights.size() != widths.size()) {
    at.fail("width_weights: expected one for each of " + std::to_string(widths.size()) +
            " widths, got " + std::to_string(weights.size()));
  }
  for (const double weight : weights) {
    if (!(weight > 0)) at.fail("width_weights: expected > 0, got " + number_text(weight));
  }
}

}  // namespace

void add_anchor_terms(const ConfigNode& root, Recipe& recipe) {
  if (recipe.anchor.empty()) return;
  check_field(recipe, recipe.anchor, *root.find("anchor"));
  if (recipe.fields.size() < 2) root.find("anchor")->fail("anchor: there is no other field");
  for (const auto& entry : recipe.fields) {
    if (entry.first == recipe.anchor) continue;
    TermConfig term;
    term.between = {recipe.anchor, entry.first};
    const auto same = [&](const TermConfig& other) {
      return std::is_permutation(other.between.begin(), other.between.end(), term.between.begin(),
                                 term.between.end());
    };
    if (std::none_of(recipe.alignment.begin(), recipe.alignment.end(), same))
      recipe.alignment.push_back(std::move(term));
  }
}

void check_alignment(const ConfigNode& node, Recipe& recipe) {
  if (recipe.alignment.empty() && recipe.tasks.empty()) {
    node.fail(
        "alignment: expected at least one term, such as {between: [image, text]}, or anchor, or "
        "tasks");
  }
  for (size_t i = 0; i < recipe.alignment.size(); ++i) {
    auto& term = recipe.alignment[i];
    const bool listed = node.kind() == ConfigNode::Kind::kList && i < node.items().size();
    const auto& at = listed ? node.items()[i] : node;
    const bool pair = !term.between.empty();
    if (pair == !term.views.empty()) at.fail("expected either `between: [a, b]` or `views: a`");
    if (pair && term.between.size() != 2) at.fail("between: expected two fields");
    for (const auto& name : term.between) check_field(recipe, name, at);
    if (!pair) check_field(recipe, term.views, at);
    if (!pair && recipe.fields[recipe.field_index(term.views)].second.frozen) {
      at.fail("views: field '" + term.views + "' is frozen, its views are all the same");
    }
    if (term.loss.is_null()) term.loss = ConfigNode::scalar(pair ? "info_nce" : "nt_xent");
    term.loss = complete("alignment", term.loss);
    check_pairing(recipe, i, at);
    check_widths(recipe.space.width, term, at);
  }
}

}  // namespace braid
