#include "braid/interaction/layer.h"

#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/core/array.h"

namespace braid {
namespace {

[[noreturn]] void refuse(const std::string& field, const std::string& expected,
                         const at::Tensor& got) {
  throw Error(ErrorCode::kShape,
              "interaction: " + field + ": expected " + expected + ", got " +
                  (got.defined() ? shape_text(got.sizes().vec()) : std::string("nothing")));
}

void check_part(const std::string& field, const Embedding& part, int64_t batch, int64_t width) {
  const std::string b = std::to_string(batch), d = std::to_string(width);
  const auto &pooled = part.pooled, &present = part.present, &tokens = part.tokens.values;
  if (!pooled.defined() || pooled.dim() != 2 || pooled.size(0) != batch || pooled.size(1) != width)
    refuse(field, "pooled [" + b + ", " + d + "]", pooled);
  if (!present.defined() || present.dim() != 1 || present.size(0) != batch ||
      present.scalar_type() != at::kBool)
    refuse(field, "bools present [" + b + "]", present);
  if (!tokens.defined()) return;
  const auto& segments = part.tokens.segments;
  const bool rows = tokens.dim() == 2 && tokens.size(0) == segments.rows();
  const bool padded =
      tokens.dim() == 3 && tokens.size(0) == batch && tokens.size(1) == segments.steps();
  if (segments.count() != batch || tokens.size(-1) != width || !(rows || padded))
    refuse(field, "tokens of " + b + " samples, " + d + " wide", tokens);
}

Tokens tokens_of(const Embedding& part) {
  Tokens given = part.tokens;
  if (!given.defined()) {
    given = {part.pooled.unsqueeze(1), Segments::uniform(part.pooled.size(0), 1)};  // [B, 1, D]
  }
  if (part.present.all().item<bool>()) return {given.rows(), given.segments};
  const auto present = part.present.unsqueeze(1);  // [B, 1]
  const auto real = given.mask().defined()
                        ? given.mask().logical_and(present)
                        : present.expand({present.size(0), given.segments.steps()}).contiguous();
  const auto segments = Segments::of_mask(real);
  return {segments.pack(given.padded()), segments};
}

}  // namespace

TransformerShape layer_shape(const LayerConfig& c, int64_t width) {
  return {width, c.depth, c.heads, c.mlp_ratio, c.dropout, c.attention_dropout, c.drop_path};
}

void check_layers(const ConfigNode& node, const LayerConfig& config, const InteractionInput& input,
                  size_t least) {
  const auto at = [&](const char* key) { return node.find(key) ? *node.find(key) : node; };
  if (input.width % config.heads != 0) {
    at("heads").fail("heads: " + std::to_string(config.heads) + " does not divide width " +
                     std::to_string(input.width) + " of the shared space");
  }
  if (input.fields.size() < least) {
    at("kind").fail("an interaction needs at least " + std::to_string(least) + " fields, got " +
                    std::to_string(input.fields.size()));
  }
}

std::vector<Tokens> present_tokens(const std::vector<Embedding>& parts,
                                   const std::vector<std::string>& fields, int64_t width) {
  if (parts.size() != fields.size()) {
    throw Error(ErrorCode::kShape, "interaction: expected " + std::to_string(fields.size()) +
                                       " parts, got " + std::to_string(parts.size()));
  }
  std::vector<Tokens> tokens;
  const auto& first = parts[0].pooled;
  const int64_t batch = first.defined() && first.dim() > 0 ? first.size(0) : 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    check_part(fields[i], parts[i], batch, width);
    tokens.push_back(tokens_of(parts[i]));
  }
  return tokens;
}

Embedding with_tokens(const Embedding& part, const Tokens& tokens, const at::Tensor& before) {
  const auto change = segment_mean(tokens.values - before, tokens.segments);  // [B, D]
  const auto absent = part.present.logical_not().unsqueeze(1);
  return {tokens, (part.pooled + change).masked_fill(absent, 0), part.present};
}

at::Tensor Residual::add(const at::Tensor& x, const at::Tensor& branch, const Segments& segments,
                         bool training) const {
  return x + braid::drop_path(apply_dropout(branch, dropout, training), segments, drop_path,
                              training);
}

}  // namespace braid
