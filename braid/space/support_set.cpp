#include "braid/space/support_set.h"

#include <torch/types.h>

#include "braid/core/array.h"
#include "braid/core/error.h"
#include "braid/block/unit_rows.h"

namespace braid {

SupportSet::SupportSet(const SupportSetConfig& config, int64_t width)
    : temperature_(config.temperature),
      keys_(register_buffer("keys", at::empty({0, width}))),
      values_(register_buffer("values", at::empty({0, width}))) {}

void SupportSet::fill(const at::Tensor& keys, const at::Tensor& values) {
  if (keys.dim() != 2 || keys.size(1) != keys_.size(1) || keys.sizes() != values.sizes()) {
    throw Error(ErrorCode::kShape,
                "support set: expected keys and values [M, " + std::to_string(keys_.size(1)) +
                    "], got " + shape_text(keys.sizes().vec()) + " and " +
                    shape_text(values.sizes().vec()));
  }
  const at::NoGradGuard no_grad;
  keys_.set_data(unit_rows(keys.to(keys_.options())));
  values_.set_data(unit_rows(values.to(values_.options())));
}

void SupportSet::clear() {
  keys_.set_data(keys_.new_empty({0, keys_.size(1)}));
  values_.set_data(values_.new_empty({0, values_.size(1)}));
}

at::Tensor SupportSet::forward(const at::Tensor& x) const {
  if (size() == 0) return x;
  const auto nearness = at::matmul(unit_rows(x), keys_.t()) / temperature_;  // [N, M]
  return at::matmul(nearness.softmax(1), values_);
}

double SupportSet::flops() const { return 4.0 * static_cast<double>(keys_.numel()); }

}  // namespace braid
