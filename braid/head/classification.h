// The recipe keys of `kind: classification`. Torch-free.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/config.h"
#include "braid/head/head_config.h"

namespace braid {

enum class LabelMode { kSingle, kMulti };
inline std::span<const char* const> enum_names(LabelMode*) {
  static constexpr const char* kNames[] = {"single", "multi"};
  return kNames;
}

struct ClassificationConfig {
  std::string target;
  LabelMode labels = LabelMode::kSingle;
  std::string positive;
  std::map<std::string, std::vector<std::string>> merge;
  ConfigNode class_weights = ConfigNode::scalar("none");
  double focal = 0;
  double label_smoothing = 0;
  HeadConfig head;
};

template <class Field>
void visit(Field&& field, ClassificationConfig& c) {
  field("target", c.target, "column whose values are the classes, learned from training rows");
  field("labels", c.labels, "single: one class a row; multi: any number, lists in the column");
  field("positive", c.positive,
        "of two classes, the one that precision, recall, AUROC are about; default: the last");
  field("merge", c.merge, "class: labels that are counted as it; the others are classes themselves");
  field("class_weights", c.class_weights,
        "none; balanced: what is rare weighs more; or class: weight (others 1). Of multi: weights "
        "of rows that have the class, against those that have not");
  field("focal", c.focal, closed(0.0, 10.0),
        "gamma of (1 - p)^gamma, which spares what is right already, 0 = off");
  field("label_smoothing", c.label_smoothing, half_open(0.0, 1.0),
        "share of the truth that is spread over all classes");
  visit_head(field, c.head);
}

// "none" and "balanced" give an empty list.
using ClassWeights = std::vector<std::pair<std::string, double>>;

// Throws Error(kConfig) at the node for anything else, and for weights that are not above 0.
inline ClassWeights parse_class_weights(const ConfigNode& node) {
  if (node.kind() != ConfigNode::Kind::kMap) {
    const bool word = node.kind() == ConfigNode::Kind::kScalar &&
                      (node.text() == "none" || node.text() == "balanced");
    if (!word) node.fail("class_weights: expected none, balanced, or a map of class: weight");
    return {};
  }
  ClassWeights weights;
  for (const auto& [name, value] : node.entries()) {
    const auto weight = read<double>(value);
    if (!(weight > 0 && weight < 1e6))
      value.fail("class_weights: expected a weight above 0 and below 1e6, got " + value.text());
    weights.emplace_back(name, weight);
  }
  return weights;
}
inline bool is_balanced(const ConfigNode& node) { return node.text() == "balanced"; }

}  // namespace braid
