#include "braid/space/value_pooling.h"

#include <torch/types.h>

#include <algorithm>

#include "braid/block/device.h"
#include "braid/core/array.h"
#include "braid/core/error.h"

namespace braid {
namespace {

// Sums of the rows of each sample. [N, ...] -> [B, ...]
at::Tensor sums_of(const at::Tensor& rows, const at::Tensor& owner, int64_t samples) {
  auto shape = rows.sizes().vec();
  shape[0] = samples;
  return at::zeros(shape, rows.options()).index_add(0, owner, rows);
}

// [N] the sample of each row.
at::Tensor owner_of(const std::vector<int64_t>& offsets, at::Device device) {
  std::vector<int64_t> owner;
  for (size_t i = 0; i + 1 < offsets.size(); ++i)
    owner.insert(owner.end(), static_cast<size_t>(offsets[i + 1] - offsets[i]),
                 static_cast<int64_t>(i));
  return to_device(at::tensor(owner, at::kLong), device);
}

// [B] the highest score of each sample, without a graph. Not by scatter_reduce, which libtorch 1.13
// warns of on standard error.
at::Tensor highest(const at::Tensor& scores, const std::vector<int64_t>& offsets) {
  const auto here = scores.detach().to(at::kCPU, at::kDouble).contiguous();
  const double* score = here.data_ptr<double>();
  std::vector<double> top(offsets.size() - 1, 0);
  for (size_t i = 0; i < top.size(); ++i) {
    if (offsets[i] < offsets[i + 1])
      top[i] = *std::max_element(score + offsets[i], score + offsets[i + 1]);
  }
  return to_device(at::tensor(top, at::kDouble).to(scores.scalar_type()), scores.device());
}

void check_offsets(const at::Tensor& values, const std::vector<int64_t>& offsets) {
  const bool rising = std::is_sorted(offsets.begin(), offsets.end());
  if (values.dim() == 2 && rising && !offsets.empty() && offsets.front() == 0 &&
      offsets.back() == values.size(0))
    return;
  throw Error(ErrorCode::kShape,
              "value pooling: expected values [N, D] and rising offsets 0 .. N, got shape " +
                  shape_text(values.sizes().vec()) + " and " + std::to_string(offsets.size()) +
                  " offsets up to " + (offsets.empty() ? "none" : std::to_string(offsets.back())));
}

}  // namespace

Tokens joined_tokens(const Tokens& tokens, const std::vector<int64_t>& offsets) {
  const auto rows = tokens.rows();
  const auto& ends = tokens.segments.offsets();  // of values
  std::vector<int64_t> lengths;
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    lengths.push_back(ends.at(static_cast<size_t>(offsets[i + 1])) -
                      ends.at(static_cast<size_t>(offsets[i])));
  }
  return {rows, Segments::of_lengths(lengths, rows.device())};
}

ValuePooling::ValuePooling(const ValuePoolingConfig& config, int64_t width)
    : max_(config.max.value_or(0)) {
  if (config.kind == ValuePoolingKind::kMean) return;
  hidden_ = register_module("hidden", std::make_shared<Linear>(width, config.hidden));
  // A bias here would move all scores alike: no softmax sees it.
  score_ = register_module("score", std::make_shared<Linear>(config.hidden, 1, /*bias=*/false));
}

at::Tensor ValuePooling::weights_of(const at::Tensor& values, const at::Tensor& owner,
                                    const std::vector<int64_t>& offsets) const {
  const auto samples = static_cast<int64_t>(offsets.size()) - 1;
  if (!score_) {
    const auto ones = at::ones({values.size(0)}, values.options());
    return sums_of(ones, owner, samples).reciprocal().index_select(0, owner);  // [N]
  }
  const auto score = score_->forward(hidden_->forward(values).tanh()).squeeze(1);  // [N]
  // The highest score of a sample goes out of all of its own: no exp overflows.
  const auto rise = (score - highest(score, offsets).index_select(0, owner)).exp();  // [N]
  return rise / sums_of(rise, owner, samples).index_select(0, owner);                // [N]
}

PooledValues ValuePooling::forward(const at::Tensor& values,
                                   const std::vector<int64_t>& offsets) const {
  check_offsets(values, offsets);
  const auto samples = static_cast<int64_t>(offsets.size()) - 1;
  const auto owner = owner_of(offsets, values.device());  // [N]
  const auto weights = weights_of(values, owner, offsets);
  return {sums_of(weights.unsqueeze(1) * values, owner, samples), weights};
}

}  // namespace braid
