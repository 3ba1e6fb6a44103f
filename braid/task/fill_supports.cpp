#include "braid/task/fill_supports.h"

#include <algorithm>

#include <torch/types.h>

#include "braid/core/error.h"
#include "braid/task/field_vectors.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

bool has_value(const Dataset& data, int64_t row, size_t field) {
  for (size_t source = 0; source < data.fields()[field].columns.size(); ++source) {
    if (!data.values(row, field, source).empty()) return true;
  }
  return false;
}

// Rows that have both fields, `max` of them at even distances where there are more.
std::vector<int64_t> kept_rows(const Dataset& data, const std::vector<int64_t>& rows, size_t a,
                               size_t b, int64_t max) {
  std::vector<int64_t> both;
  for (const int64_t row : rows) {
    if (has_value(data, row, a) && has_value(data, row, b)) both.push_back(row);
  }
  const auto count = std::ssize(both);
  if (count <= max) return both;
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < max; ++i) kept.push_back(both[static_cast<size_t>(i * count / max)]);
  return kept;
}

// Vectors of one field and the row of each, of all its sources.
struct Side {
  at::Tensor vectors;         // [N, D]
  std::vector<int64_t> rows;  // [N]
};

Side side_of(Model& model, const Dataset& data, size_t field, const Modality& modality,
             const std::vector<int64_t>& rows, const EmbedOptions& options) {
  Side side;
  std::vector<at::Tensor> parts;
  std::vector<BadSample> bad;  // the loader counts and names them
  for (size_t source = 0; source < data.fields()[field].columns.size(); ++source) {
    const auto made = embed_rows(model, data, field, source, modality, rows, options, &bad);
    parts.push_back(to_tensor(made.vectors));
    side.rows.insert(side.rows.end(), made.rows.begin(), made.rows.end());
  }
  side.vectors = at::cat(parts, 0);
  return side;
}

// The place of each row of `wanted` in `rows`, which rise.
at::Tensor places(const std::vector<int64_t>& wanted, const std::vector<int64_t>& rows) {
  std::vector<int64_t> found;
  for (const int64_t row : wanted)
    found.push_back(std::lower_bound(rows.begin(), rows.end(), row) - rows.begin());
  return at::tensor(found, at::kLong);
}

}  // namespace

void fill_supports(Model& model, const Recipe& recipe, const Dataset& data,
                   const std::vector<int64_t>& rows, const std::vector<const Modality*>& modalities,
                   const EmbedOptions& options) {
  const at::NoGradGuard no_grad;
  model.clear_supports();
  for (size_t field = 0; field < recipe.fields.size(); ++field) {
    const auto& [name, config] = recipe.fields[field];
    if (!config.support) continue;
    const size_t other = recipe.field_index(config.support->of);
    const auto kept = kept_rows(data, rows, field, other, config.support->max);
    const auto keys = side_of(model, data, field, *modalities[field], kept, options);
    const auto words = side_of(model, data, other, *modalities[other], kept, options);
    auto sums = at::zeros({std::ssize(kept), model.width()});
    sums.index_add_(0, places(words.rows, kept), words.vectors);
    const auto values = sums.index_select(0, places(keys.rows, kept));  // [N, D]
    const auto both = values.square().sum(1).nonzero().squeeze(1);      // not: its partner was bad
    if (both.numel() == 0) {
      throw Error(ErrorCode::kInput, "fields." + name + ".support: no training row has both " +
                                         name + " and " + config.support->of);
    }
    model.support(field)->fill(keys.vectors.index_select(0, both), values.index_select(0, both));
  }
}

}  // namespace braid
