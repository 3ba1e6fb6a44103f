#include "braid/recipe/pooling_check.h"

namespace braid {

void check_pooling(const std::string& name, const FieldConfig& field, const ConfigNode& at) {
  const auto& node = *at.find("pooling");
  if (field.modality.find("kind")->text() == "table") {
    node.fail("field '" + name + "' is a table, which makes one value of a row: there is nothing " +
              "to pool; leave pooling out");
  }
  if (write(field.draw).to_yaml() != write(DrawConfig{}).to_yaml()) {
    at.find("draw")->fail("field '" + name + "' has pooling: every value of a sample takes part " +
                          "in each step, none is drawn; leave draw out");
  }
  if (const auto& max = field.pooling->max; max && *max < 1)
    node.find("max")->fail("max: expected >= 1, got " + number_text(*max));
}

}  // namespace braid
