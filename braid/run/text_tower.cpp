#include "braid/run/text_tower.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "braid/core/error.h"
#include "braid/encoder/bag_of_tokens.h"
#include "braid/encoder/text_transformer.h"
#include "braid/kernel/token_bag.h"
#include "braid/run/stored_layers.h"

namespace braid {
namespace {

constexpr const char* kTransformer = "text_transformer";
constexpr const char* kBag = "bag_of_tokens";

const std::string& kind_of(const FieldConfig& field) { return field.encoder.find("kind")->text(); }

// What stands between the ids of a text and its pooled vector.
class StoredEncoder {
 public:
  virtual ~StoredEncoder() = default;
  virtual int64_t width() const = 0;
  virtual Rows pooled(const Sample& view) const = 0;  // [width]
};

// encoder/bag_of_tokens.cpp
class StoredBag final : public StoredEncoder {
 public:
  StoredBag(const StoredTensors& tensors, const BagOfTokensConfig& config, int64_t vocabulary)
      : width_(config.width),
        table_(tensors.floats("tokens.weight", {vocabulary, width_})),
        norm_(tensors.below("norm"), width_) {
    if (config.hidden > 0) mlp_.emplace(tensors.below("mlp"), width_, config.hidden, width_);
  }

  int64_t width() const override { return width_; }

  Rows pooled(const Sample& view) const override {
    const auto ids = view.values.values<int64_t>();
    Rows mean(static_cast<size_t>(width_));
    token_bag_forward({.texts = 1,
                       .steps = std::ssize(ids),
                       .width = width_,
                       .ids = ids.data(),
                       .real = view.mask.values<bool>().data()},
                      table_, mean.data());
    if (mlp_) add_rows(mean, mlp_->forward(mean));
    return norm_.forward(mean);
  }

 private:
  int64_t width_;
  const float* table_;  // [vocabulary, width]
  std::optional<StoredMlp> mlp_;
  StoredNorm norm_;
};

// encoder/text_transformer.cpp
class StoredTextTransformer final : public StoredEncoder {
 public:
  // `trunk`: where the tensors of the recipe's shared one lie.
  StoredTextTransformer(const StoredTensors& tensors, const StoredTensors& trunk,
                        const TextTransformerConfig& config, int64_t vocabulary, int64_t max_tokens)
      : width_(config.width),
        pooling_(config.pooling),
        table_(tensors.floats("tokens.weight", {vocabulary, width_})),
        trunk_(config.trunk == Trunk::kShared ? trunk : tensors.below("trunk"),
               {.width = config.width,
                .depth = config.depth,
                .heads = config.heads,
                .mlp_ratio = config.mlp_ratio}) {
    if (config.positions) positions_ = tensors.floats("positions", {max_tokens, width_});
    if (config.trunk == Trunk::kShared) modality_ = tensors.floats("modality", {width_});
  }

  int64_t width() const override { return width_; }

  Rows pooled(const Sample& view) const override {
    const auto rows = trunk_.forward(tokens(view.values.values<int64_t>()));
    const auto width = static_cast<size_t>(width_);
    if (pooling_ == TextPooling::kLast) return {rows.end() - width_, rows.end()};
    Rows mean(width);
    for (size_t i = 0; i < rows.size(); ++i) mean[i % width] += rows[i];
    for (auto& x : mean) x /= static_cast<float>(rows.size() / width);
    return mean;
  }

 private:
  Rows tokens(std::span<const int64_t> ids) const {
    Rows x;
    for (int64_t t = 0; t < std::ssize(ids); ++t) {
      const float* token = table_ + ids[static_cast<size_t>(t)] * width_;
      for (int64_t d = 0; d < width_; ++d) {
        float value = token[d];
        if (positions_) value += positions_[t * width_ + d];
        if (modality_) value += modality_[d];
        x.push_back(value);
      }
    }
    return x;
  }

  int64_t width_;
  TextPooling pooling_;
  const float* table_;                 // [vocabulary, width]
  const float* positions_ = nullptr;   // [max_tokens, width]
  const float* modality_ = nullptr;    // [width], of a shared trunk
  StoredTransformer trunk_;
};

// space/projection.cpp
class StoredProjection {
 public:
  StoredProjection(const StoredTensors& tensors, const ProjectionConfig& config, int64_t in) {
    if (config.kind == ProjectionKind::kLinear) {
      linear_.emplace(tensors.below("linear"), in, config.width);
    } else {
      mlp_.emplace(tensors.below("mlp"), in, config.hidden, config.width);
    }
  }
  Rows forward(const Rows& x) const { return linear_ ? linear_->forward(x) : mlp_->forward(x); }

 private:
  std::optional<StoredLinear> linear_;  // one of the two
  std::optional<StoredMlp> mlp_;
};

class StoredTower final : public TextTower {
 public:
  StoredTower(std::unique_ptr<StoredEncoder> encoder, StoredProjection projection)
      : encoder_(std::move(encoder)), projection_(std::move(projection)) {}

  std::vector<float> embed(const Sample& view, int64_t width) const override {
    auto vector = projection_.forward(encoder_->pooled(view));
    if (width > 0 && width < std::ssize(vector)) vector.resize(static_cast<size_t>(width));
    double square = 0;
    for (const float x : vector) square += static_cast<double>(x) * x;
    const double factor = 1 / std::sqrt(std::max(square, 1e-24));  // as unit_rows
    for (auto& x : vector) x = static_cast<float>(x * factor);
    return vector;
  }

 private:
  std::unique_ptr<StoredEncoder> encoder_;
  StoredProjection projection_;
};

}  // namespace

bool has_text_tower(const FieldConfig& field) {
  const auto& kind = kind_of(field);
  return !field.support && (kind == kTransformer || kind == kBag);
}

std::unique_ptr<TextTower> make_text_tower(const Recipe& recipe, size_t field,
                                           const Modality& modality, const TensorFile& weights,
                                           const std::string& where) {
  const auto& [name, config] = recipe.fields.at(field);
  const StoredTensors all(weights, where);
  const auto own = all.below(name);
  const auto facts = modality.facts();
  const int64_t vocabulary = facts.at("vocabulary");
  std::unique_ptr<StoredEncoder> encoder;
  if (kind_of(config) == kBag) {
    encoder = std::make_unique<StoredBag>(
        own.below("encoder"), read_member<BagOfTokensConfig>(config.encoder), vocabulary);
  } else if (kind_of(config) == kTransformer) {
    encoder = std::make_unique<StoredTextTransformer>(
        own.below("encoder"), all.below(kSharedTrunk),
        read_member<TextTransformerConfig>(config.encoder), vocabulary, facts.at("max_tokens"));
  } else {
    throw Error(ErrorCode::kInternal, "no text tower of kind " + kind_of(config));
  }
  StoredProjection projection(own.below("projection"), recipe.space, encoder->width());
  return std::make_unique<StoredTower>(std::move(encoder), std::move(projection));
}

}  // namespace braid
