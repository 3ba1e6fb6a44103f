// Values given by hand, of no data set, as the joint half of a model sees them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "braid/data/dataset.h"
#include "braid/modality/modality.h"
#include "braid/task/model.h"

namespace braid {

// Of each sample a value a field, or none. [B][M]
using AskedValues = std::vector<std::vector<std::optional<Value>>>;

struct AskedParts {
  std::vector<Embedding> parts;    // as joint_part makes them, a field each
  std::vector<Tokens> encoded;     // as the encoders made them, of the samples that have the field
  std::vector<std::string> notes;  // what of a value the model does not see
};

// Puts the model in eval mode. `graph`: gradients may be asked for, of frozen encoders' tokens, too.
// Throws what fetch and Modality::prepare throw, naming the field.
AskedParts read_asked(Model& model, const std::vector<std::string>& fields,
                      const std::vector<const Modality*>& modalities, const AskedValues& samples,
                      bool graph = false);

}  // namespace braid
