#include "braid/fusion/parts.h"

#include <torch/types.h>

#include "braid/block/initial.h"
#include "braid/core/array.h"
#include "braid/core/error.h"

namespace braid {
namespace {

constexpr double kDeviation = 0.02;

[[noreturn]] void fail_part(const std::string& field, const std::string& expected,
                            const at::Tensor& got) {
  throw Error(ErrorCode::kShape,
              "fusion: field " + field + ": expected " + expected + ", got " +
                  (got.defined() ? shape_text(got.sizes().vec()) : std::string("nothing")));
}

// Every part as FusionInput says, and of the batch size of the first.
void check_parts(const std::vector<Embedding>& parts, const FusionInput& input) {
  if (parts.size() != input.fields.size()) {
    throw Error(ErrorCode::kShape, "fusion: expected " + std::to_string(input.fields.size()) +
                                       " parts, got " + std::to_string(parts.size()));
  }
  const auto& first = parts.front().pooled;
  const int64_t batch = first.defined() && first.dim() > 0 ? first.size(0) : 0;
  const std::string rows = std::to_string(batch);
  for (size_t m = 0; m < parts.size(); ++m) {
    const auto& [tokens, pooled, present] = parts[m];
    const auto& field = input.fields[m];
    if (!pooled.defined() || pooled.dim() != 2 || pooled.size(0) != batch ||
        pooled.size(1) != input.width) {
      fail_part(field, "pooled [" + rows + ", " + std::to_string(input.width) + "]", pooled);
    }
    if (!present.defined() || present.dim() != 1 || present.size(0) != batch ||
        present.scalar_type() != at::kBool) {
      fail_part(field, "present [" + rows + "] of bool", present);
    }
  }
}

at::Tensor stack_present(const std::vector<Embedding>& parts) {
  std::vector<at::Tensor> present;
  for (const auto& part : parts) present.push_back(part.present);
  return at::stack(present, 1);  // [B, M]
}

}  // namespace

PooledParts stack_pooled(const std::vector<Embedding>& parts, const FusionInput& input) {
  check_parts(parts, input);
  std::vector<at::Tensor> values;
  for (const auto& part : parts) values.push_back(part.pooled);
  PooledParts made{at::stack(values, 1), stack_present(parts)};
  made.values = made.values.masked_fill(made.present.logical_not().unsqueeze(2), 0);
  return made;
}

TokenParts stack_tokens(const std::vector<Embedding>& parts, const FusionInput& input) {
  check_parts(parts, input);
  TokenParts made;
  for (size_t m = 0; m < parts.size(); ++m) {
    const auto& part = parts[m];
    const int64_t batch = part.pooled.size(0);
    const auto& values = part.tokens.values;
    if (values.defined() && (part.tokens.segments.count() != batch || values.dim() < 2 ||
                             values.size(-1) != input.width)) {
      fail_part(input.fields[m],
                "tokens of " + std::to_string(batch) + " samples, " + std::to_string(input.width) +
                    " wide",
                values);
    }
    const auto tokens = values.defined() ? part.tokens.padded() : part.pooled.unsqueeze(1);
    auto mask = part.present.unsqueeze(1).expand({batch, tokens.size(1)});
    if (values.defined() && part.tokens.mask().defined())
      mask = mask.logical_and(part.tokens.mask());
    made.fields.push_back({tokens.masked_fill(mask.logical_not().unsqueeze(2), 0), mask});
  }
  made.present = stack_present(parts);
  return made;
}

at::Tensor zeros_for_nothing(const at::Tensor& x, const at::Tensor& present) {
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  return x.masked_fill(present.any(1).logical_not().view(shape), 0);
}

at::Tensor mean_of_present(const at::Tensor& values, const at::Tensor& present) {
  std::vector<int64_t> shape(static_cast<size_t>(values.dim()), 1);
  shape[0] = present.size(0);
  shape[1] = present.size(1);
  const auto real = present.view(shape);
  return values.masked_fill(real.logical_not(), 0).sum(1) / real.sum(1).clamp_min(1);
}

void expect_two_fields(const ConfigNode& node, const FusionInput& input) {
  if (input.fields.size() >= 2) return;
  const auto& kind = *node.find("kind");
  kind.fail("fusion " + kind.text() + " joins two fields or more, got " +
            std::to_string(input.fields.size()));
}

void expect_heads(const ConfigNode& node, int64_t heads, int64_t width) {
  if (width % heads == 0) return;
  const auto* at = node.find("heads");
  (at ? *at : node)
      .fail("heads: " + std::to_string(heads) + " does not divide width " + std::to_string(width) +
            " of the space");
}

FieldLinears::FieldLinears(const FusionInput& input, int64_t in, int64_t out, bool bias) {
  for (const auto& field : input.fields)
    maps_.push_back(register_module(field, std::make_shared<Linear>(in, out, bias)));
}

at::Tensor FieldLinears::forward(const at::Tensor& x) const {
  std::vector<at::Tensor> mapped;
  for (size_t m = 0; m < maps_.size(); ++m)
    mapped.push_back(maps_[m]->forward(x.select(1, static_cast<int64_t>(m))));
  return at::stack(mapped, 1);
}

FieldTensors::FieldTensors(const FusionInput& input, at::IntArrayRef shape) {
  for (const auto& field : input.fields)
    tensors_.push_back(register_parameter(field, normal_weights(shape, kDeviation)));
}

at::Tensor FieldTensors::stacked() const { return at::stack(tensors_, 0); }

}  // namespace braid
