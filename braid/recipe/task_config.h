// `tasks:`, `interaction:` and `fusion:` of a recipe, and what training may do to parts of the
// model. Torch-free.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/config.h"

namespace braid {

// Label ("en") -> columns read under it; one entry with label "" when the recipe names no labels.
using Sources = std::vector<std::pair<std::string, std::vector<std::string>>>;

// One entry of `tasks`: its node with every default filled in, and what all tasks have.
struct TaskConfig {
  std::string name, kind;
  std::vector<std::string> target;   // columns; none of a task without (matching)
  Sources texts;                     // of tasks that write: the same by their labels
  std::vector<std::string> between;  // of matching: two fields
  std::vector<std::string> fields;   // of tasks that write: those it sees; empty: every field
  double weight = 1;                 // in the total loss
  ConfigNode node;

  bool transcribes() const { return kind == "transcription"; }
  bool writes() const { return kind == "generation" || transcribes(); }
  bool sees(const std::string& field) const {
    return fields.empty() || std::find(fields.begin(), fields.end(), field) != fields.end();
  }
  // Of classification: any number of labels a row, not one class.
  bool multi() const {
    const auto* labels = node.find("labels");
    return labels && labels->text() == "multi";
  }
};

// Parameters whose names match are trained otherwise.
struct PartConfig {
  std::vector<std::string> match;
  double lr = 1;
  bool freeze = false;
};

template <class Field>
void visit(Field&& field, PartConfig& c) {
  field("match", c.match,
        "names of parameters, * for anything: picture.encoder.*, joint.fusion.*; of entries that "
        "match the same parameter the last one counts");
  field("lr", c.lr, at_least(0.0), "factor of the learning rate");
  field("freeze", c.freeze,
        "the parameters stay as they are; an encoder all of which does is in "
        "eval mode");
}

// `*` stands for any characters, dots too.
bool matches_glob(const std::string& name, const std::string& glob);

}  // namespace braid
