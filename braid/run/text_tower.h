// The vector of a text by a run's own tower, without libtorch: a question in words is answered in
// the time that libtorch takes to be loaded. What embed_one (task/embed.h) gives, to rounding.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "braid/modality/modality.h"
#include "braid/recipe/recipe.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

class TextTower {
 public:
  virtual ~TextTower() = default;
  // Of a view of a text: [width], unit; 0 = the whole width.
  virtual std::vector<float> embed(const Sample& view, int64_t width) const = 0;
};

// Is the tower of this field one that make_text_tower makes?
bool has_text_tower(const FieldConfig& field);

// `weights` of the run's model.safetensors, which is called `where` in errors; they must outlive
// the tower. Throws Error(kState) for a tensor that is missing or of another shape.
std::unique_ptr<TextTower> make_text_tower(const Recipe& recipe, size_t field,
                                           const Modality& modality, const TensorFile& weights,
                                           const std::string& where);

}  // namespace braid
