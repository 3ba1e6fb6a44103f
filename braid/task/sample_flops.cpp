#include "braid/task/sample_flops.h"

#include <algorithm>

#include "braid/task/field_rows.h"

namespace braid {
namespace {

constexpr size_t kMeasuredRows = 32;

// 0 where the field's encoder makes none.
int64_t longest(const FieldRows& read) {
  int64_t most = 0;
  if (!read.tokens.defined()) return most;
  const auto& offsets = read.tokens.segments.offsets();
  for (size_t i = 1; i < offsets.size(); ++i) most = std::max(most, offsets[i] - offsets[i - 1]);
  return most;
}

}  // namespace

double sample_flops(Model& model, const Dataset& data, const std::vector<const Modality*>& modalities,
                    const std::vector<int64_t>& rows, const EmbedOptions& options) {
  double all = 0;
  for (size_t field = 0; field < modalities.size(); ++field) all += model.flops(field);
  const auto* joint = model.joint();
  if (!joint || !joint->reads_tokens()) return all + model.joint_flops();
  if (model.is_training()) model.train(false);
  const at::NoGradGuard no_grad;
  const auto count = static_cast<std::ptrdiff_t>(std::min(rows.size(), kMeasuredRows));
  const std::vector<int64_t> first(rows.begin(), rows.begin() + count);
  std::vector<int64_t> tokens;
  for (size_t field = 0; field < modalities.size(); ++field)
    tokens.push_back(longest(read_field_rows(model, data, field, *modalities[field], first, options)));
  return all + model.joint_flops(std::move(tokens));
}

}  // namespace braid
