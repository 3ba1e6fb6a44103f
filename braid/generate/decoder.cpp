#include "braid/generate/decoder.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "braid/block/device.h"
#include "braid/block/dropout.h"
#include "braid/block/initial.h"
#include "braid/block/joined_segments.h"
#include "braid/block/matmul.h"
#include "braid/core/error.h"

namespace braid {
namespace {

constexpr double kDecoderDeviation = 0.02;

TransformerShape shape_of(const GenerationConfig& c) {
  return {c.width, c.depth, c.heads, c.mlp_ratio, c.dropout, c.attention_dropout, c.drop_path};
}

at::Tensor index_on(const std::vector<int64_t>& numbers, at::Device device) {
  return to_device(at::tensor(numbers, at::kLong), device);
}

// Tokens of the samples that carry the field: its vector where it has none.
Tokens source_tokens(const Embedding& part) {
  const auto present = part.present.unsqueeze(1);  // [S, 1]
  if (!part.tokens.defined()) {
    const auto segments = Segments::of_mask(present);
    return {segments.pack(part.pooled.unsqueeze(1)), segments};
  }
  const auto& all = part.tokens.segments;
  if (part.present.all().item<bool>()) return {part.tokens.rows(), all};
  const auto real = all.mask().defined() ? all.mask().logical_and(present)
                                         : present.expand({all.count(), all.steps()}).contiguous();
  const auto segments = Segments::of_mask(real);
  return {segments.pack(part.tokens.padded()), segments};
}

// Rows of each sample, all its texts together.
Segments by_sample(const std::vector<int64_t>& text_rows, const std::vector<int64_t>& sample,
                   int64_t samples, at::Device device) {
  std::vector<int64_t> rows(static_cast<size_t>(samples), 0);
  for (size_t i = 0; i < text_rows.size(); ++i)
    rows[static_cast<size_t>(sample[i])] += text_rows[i];
  return Segments::of_lengths(rows, device);
}

}  // namespace

Decoder::Decoder(const GenerationConfig& config, const DecoderInput& input)
    : config_(config),
      tokenizer_(input.facts.tokenizer),
      vocabulary_(tokenizer_->vocabulary()),
      end_(tokenizer_->special_ids().eos),
      languages_(std::ssize(input.facts.languages)),
      fields_(input.fields) {
  if (end_ < 0) throw Error(ErrorCode::kInput, "decoder: its tokenizer has no end token");
  const int64_t d = config.width;
  table_ = register_module("tokens", std::make_shared<EmbeddingTable>(vocabulary_ + languages_, d,
                                                                      kDecoderDeviation));
  positions_ = register_parameter("positions", normal_weights({config.max_tokens, d}, 0.02));
  const bool cross = config.reads != DecoderView::kFused;
  if (cross) {
    for (const auto& name : fields_) {
      const auto& seen = config.fields;
      const bool sees = seen.empty() || std::find(seen.begin(), seen.end(), name) != seen.end();
      field_vectors_.push_back(
          sees ? register_parameter("field_" + name, normal_weights({input.width}, 0.02))
               : at::Tensor());
    }
    source_ = register_module("source", std::make_shared<Linear>(input.width, d));
    source_norm_ = register_module("source_norm", std::make_shared<LayerNorm>(d));
  }
  if (config.reads != DecoderView::kTokens) {
    prefix_norm_ = register_module("prefix_norm", std::make_shared<LayerNorm>(input.fused_width));
    prefix_ = register_module("prefix", std::make_shared<Linear>(input.fused_width, d));
  }
  const auto shape = shape_of(config);
  for (int64_t i = 0; i < config.depth; ++i) {
    layers_.push_back(register_module(
        "layer_" + std::to_string(i),
        std::make_shared<DecoderLayer>(shape, drop_path_at(shape, i), cross)));
  }
  norm_ = register_module("norm", std::make_shared<LayerNorm>(d));
  if (!config.tied) output_ = register_module("output", std::make_shared<Linear>(d, vocabulary_));
}

Source Decoder::see(const std::vector<Embedding>& parts, const at::Tensor& fused) const {
  Source source;
  source.samples = fused.size(0);
  if (prefix_) source.first = prefix_->forward(fused, *prefix_norm_);
  if (!source_) return source;
  std::vector<Segments> segments;
  std::vector<at::Tensor> rows;
  for (size_t field = 0; field < parts.size(); ++field) {
    if (!field_vectors_.at(field).defined()) continue;
    const auto tokens = source_tokens(parts[field]);
    segments.push_back(tokens.segments);
    rows.push_back(tokens.values + field_vectors_[field]);
  }
  const JoinedSegments joined(std::move(segments));
  const auto seen = source_norm_->forward(source_->forward(joined.join(rows)));  // [M, width]
  for (const auto& layer : layers_)
    source.layers.push_back({layer->source_keys_values(seen), joined.segments()});
  return source;
}

at::Tensor Decoder::embedded(const at::Tensor& ids, const at::Tensor& steps) const {
  return table_->forward(ids) + positions_.index_select(0, steps);
}

at::Tensor Decoder::scores(const at::Tensor& x) const {
  const auto y = norm_->forward(x);
  if (output_) return output_->forward(y);
  return apply_linear(y, table_->weight().narrow(0, 0, vocabulary_), {});
}

at::Tensor Decoder::forward(const Source& source, const TextBatch& texts,
                            std::vector<LayerLook>* looks) const {
  const auto here = positions_.device();
  std::vector<int64_t> ids, lengths, firsts;  // firsts: rows where texts begin
  for (size_t i = 0; i < texts.tokens.size(); ++i) {
    const auto& own = texts.tokens[i];
    const auto kept = std::min<int64_t>(std::ssize(own), config_.max_tokens - 1);
    firsts.push_back(std::ssize(ids));
    ids.push_back(begin(texts.language[i]));
    ids.insert(ids.end(), own.begin(), own.begin() + kept);
    lengths.push_back(kept + 1);
  }
  const auto segments = Segments::of_lengths(lengths, here);
  const auto samples = by_sample(lengths, texts.sample, source.samples, here);
  auto x = embedded(index_on(ids, here), segments.step_of_row(here));
  if (source.first.defined()) {
    const auto prefix = source.first.index_select(0, index_on(texts.sample, here));
    x = x.index_add(0, index_on(firsts, here), prefix.to(x.scalar_type()));
  }
  x = apply_dropout(x, config_.dropout, is_training());
  for (size_t i = 0; i < layers_.size(); ++i) {
    LayerLook look;
    x = layers_[i]->forward(x, segments, samples,
                            source.layers.empty() ? SourceRows() : source.layers[i],
                            looks ? &look : nullptr);
    if (looks) looks->push_back(std::move(look));
  }
  return scores(x);
}

std::vector<int64_t> Decoder::following(const TextBatch& texts) const {
  std::vector<int64_t> next;
  for (const auto& own : texts.tokens) {
    const auto kept = std::min<int64_t>(std::ssize(own), config_.max_tokens - 1);
    next.insert(next.end(), own.begin(), own.begin() + kept);
    next.push_back(kept < std::ssize(own) ? own[static_cast<size_t>(kept)] : end_);
  }
  return next;
}

at::Tensor Decoder::loss(const at::Tensor& scores, const std::vector<int64_t>& following) const {
  const auto truth = index_on(following, scores.device());
  const auto log_p = scores.to(at::kFloat).log_softmax(1);  // [N, V]
  const auto own = log_p.gather(1, truth.unsqueeze(1)).squeeze(1);               // [N]
  auto each = own;
  if (const double e = config_.label_smoothing; e > 0) each = own * (1 - e) + log_p.mean(1) * e;
  return -each.mean();
}

at::Tensor Decoder::next(const Source& source, const std::vector<int64_t>& per_sample,
                         const std::vector<int64_t>& tokens, DecoderPast& past) const {
  const auto here = positions_.device();
  const auto n = std::ssize(tokens);
  if (past.steps >= config_.max_tokens)
    throw Error(ErrorCode::kLimit, "decoder: a text of more than max_tokens, " +
                                       std::to_string(config_.max_tokens));
  const auto steps = at::full({n}, past.steps, at::TensorOptions(here).dtype(at::kLong));
  auto x = embedded(index_on(tokens, here), steps);
  if (past.steps == 0 && source.first.defined()) {
    std::vector<int64_t> sample;
    for (size_t s = 0; s < per_sample.size(); ++s)
      sample.insert(sample.end(), static_cast<size_t>(per_sample[s]), static_cast<int64_t>(s));
    x = x + source.first.index_select(0, index_on(sample, here));
  }
  const auto samples = Segments::of_lengths(per_sample, here);
  past.layers.resize(layers_.size());
  for (size_t i = 0; i < layers_.size(); ++i)
    x = layers_[i]->next(x, past.layers[i], samples,
                         source.layers.empty() ? SourceRows() : source.layers[i]);
  ++past.steps;
  return scores(x);
}

double Decoder::flops(int64_t source_tokens) const {
  const double t = static_cast<double>(config_.max_tokens), d = static_cast<double>(config_.width),
               m = source_ ? static_cast<double>(source_tokens) : 0;
  const double self = block_flops(shape_of(config_), config_.max_tokens);
  const double cross = source_ ? 2 * t * d * d * 2 + 2 * m * d * 2 * d + 4 * t * m * d : 0;
  return static_cast<double>(config_.depth) * (self + cross) +
         2 * t * d * static_cast<double>(vocabulary_);
}

}  // namespace braid
