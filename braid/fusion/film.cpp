// Feature-wise linear modulation: one field, the condition c, scales and shifts the others.
//   [g_i; b_i] = W_i h_c + w_i;  out = mean over present i != c of (1 + g_i) * h_i + b_i
// Source: Perez et al. 2018 (FiLM), eq. 1 and 2; as there, g is what is added to 1.
// Ours: vectors in place of feature maps, and the mean over the modulated fields. Without the
// condition out is the mean of the others as they are; where it is alone, h_i is zeros, and out the
// mean of all b_i.
#include "braid/fusion/film.h"

#include <torch/types.h>

#include <algorithm>

#include "braid/core/text.h"
#include "braid/fusion/parts.h"

namespace braid {
namespace {

class Film final : public Fusion {
 public:
  Film(const FusionInput& input, int64_t condition) : input_(input), condition_(condition) {
    others_ = input;
    others_.fields.erase(others_.fields.begin() + condition);
    generator_ = register_module(
        "generator", std::make_shared<FieldLinears>(others_, input.width, 2 * input.width));
  }

  Fused forward(const std::vector<Embedding>& parts) override {
    const auto [values, present] = stack_pooled(parts, input_);  // [B, M, D], [B, M]
    const auto given = present.select(1, condition_);            // [B]
    const auto others = without_condition(values), seen = without_condition(present);
    const auto condition = values.select(1, condition_).unsqueeze(1).expand(others.sizes());
    const auto made = generator_->forward(condition)  // [B, M - 1, 2 D]; nothing said: 0
                          .masked_fill(given.logical_not().view({-1, 1, 1}), 0)
                          .chunk(2, 2);
    const auto modulated = (1 + made[0]) * others + made[1];
    const auto alone = given.logical_and(seen.any(1).logical_not());
    return {mean_of_present(modulated, seen.logical_or(alone.unsqueeze(1))), {}};
  }

  int64_t width() const override { return input_.width; }
  double flops(const std::vector<int64_t>&) const override {
    const auto d = static_cast<double>(input_.width);
    return static_cast<double>(others_.fields.size()) * (4 * d * d + 3 * d);
  }

 private:
  // [B, M, ...] -> [B, M - 1, ...]
  at::Tensor without_condition(const at::Tensor& x) const {
    return at::cat({x.slice(1, 0, condition_), x.slice(1, condition_ + 1)}, 1);
  }

  FusionInput input_, others_;
  int64_t condition_;
  std::shared_ptr<FieldLinears> generator_;
};

}  // namespace

std::shared_ptr<Fusion> make_film(const ConfigNode& node, const FusionInput& input) {
  expect_two_fields(node, input);
  const auto config = read_member<FilmConfig>(node);
  if (config.condition.empty()) return std::make_shared<Film>(input, 0);
  const auto at = std::find(input.fields.begin(), input.fields.end(), config.condition);
  if (at == input.fields.end()) {
    node.find("condition")
        ->fail("condition: no field '" + config.condition + "'" +
               did_you_mean(config.condition, input.fields) + "; the fields are " +
               join(input.fields, ", "));
  }
  return std::make_shared<Film>(input, at - input.fields.begin());
}

}  // namespace braid
