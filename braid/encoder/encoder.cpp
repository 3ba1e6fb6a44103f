#include "braid/encoder/encoder.h"

#include <torch/types.h>

#include <vector>

#include "braid/core/array.h"
#include "braid/core/text.h"
#include "braid/encoder/configs.h"

namespace braid {

#define BRAID_ENCODER(name, Config, help) \
  std::shared_ptr<Encoder> make_##name(const ConfigNode& node, const EncoderInput& input);
#include "braid/encoder/all.def"
#undef BRAID_ENCODER

namespace {

struct EncoderMaker {
  const char* name;
  std::shared_ptr<Encoder> (*make)(const ConfigNode&, const EncoderInput&);
};

constexpr EncoderMaker kEncoderMakers[] = {
#define BRAID_ENCODER(name, Config, help) {#name, make_##name},
#include "braid/encoder/all.def"
#undef BRAID_ENCODER
};

// [B, T] for values [B, T, ...]: the one given, or ones where it is undefined.
at::Tensor mask_of_steps(const at::Tensor& values, const at::Tensor& mask) {
  const auto shape = values.sizes().slice(0, 2);
  if (!mask.defined()) return at::ones(shape, values.options().dtype(at::kBool));
  if (mask.sizes() != shape || mask.scalar_type() != at::kBool) {
    throw Error(ErrorCode::kShape, "encoder: expected a bool mask " + shape_text(shape.vec()) +
                                       ", got " + shape_text(mask.sizes().vec()));
  }
  return mask;
}

}  // namespace

int64_t EncoderInput::fact(const std::string& name) const {
  const auto found = facts.find(name);
  if (found != facts.end()) return found->second;
  throw Error(ErrorCode::kInternal, "modality " + modality + " does not say its " + name);
}

void expect_modality(const ConfigNode& node, const EncoderInput& input, const std::string& reads) {
  if (input.modality == reads) return;
  const auto* kind = node.find("kind");
  (kind ? *kind : node)
      .fail("encoder " + (kind ? kind->text() : std::string()) + " reads " + reads +
            ", but the field's modality is " + input.modality);
}

void expect_divides(const ConfigNode& node, int64_t heads, int64_t width) {
  if (width % heads == 0) return;
  const auto* at = node.find("heads");
  (at ? *at : node)
      .fail("heads: " + std::to_string(heads) + " does not divide width " + std::to_string(width));
}

void expect_pictures(const at::Tensor& values, int64_t channels, int64_t size) {
  if (values.dim() == 4 && values.size(1) == channels && values.size(2) == size &&
      values.size(3) == size)
    return;
  throw Error(ErrorCode::kShape, "encoder: expected pictures [B, " + std::to_string(channels) +
                                     ", " + std::to_string(size) + ", " + std::to_string(size) +
                                     "]" + ", got " + shape_text(values.sizes().vec()));
}

at::Tensor expect_texts(const at::Tensor& values, const at::Tensor& mask, int64_t max_tokens) {
  if (values.dim() != 2 || values.size(1) > max_tokens || values.size(1) < 1) {
    throw Error(ErrorCode::kShape, "encoder: expected token ids [B, 1 .. " +
                                       std::to_string(max_tokens) + "], got " +
                                       shape_text(values.sizes().vec()));
  }
  return mask_of_steps(values, mask);
}

at::Tensor expect_sequences(const at::Tensor& values, const at::Tensor& mask, int64_t width,
                            int64_t max_steps) {
  if (values.dim() != 3 || values.size(2) != width || values.size(1) > max_steps ||
      values.size(1) < 1) {
    throw Error(ErrorCode::kShape, "encoder: expected sequences [B, 1 .. " +
                                       std::to_string(max_steps) + ", " + std::to_string(width) +
                                       "], got " + shape_text(values.sizes().vec()));
  }
  return mask_of_steps(values, mask);
}

std::shared_ptr<Encoder> make_encoder(const ConfigNode& node, const EncoderInput& input) {
  const auto* kind = node.find("kind");
  std::vector<std::string> names;
  for (const auto& maker : kEncoderMakers) names.push_back(maker.name);
  if (!kind) node.fail("an encoder needs a kind: one of " + join(names, ", "));
  for (const auto& maker : kEncoderMakers) {
    if (kind->text() == maker.name) return maker.make(node, input);
  }
  kind->fail("unknown encoder '" + kind->text() + "'" + did_you_mean(kind->text(), names) +
             "; there are " + join(names, ", "));
}

}  // namespace braid
