#include "braid/task/joint.h"

#include <algorithm>

#include <torch/types.h>

#include "braid/core/error.h"

namespace braid {
namespace {

// Parts under names of their own: "tokens.picture", "task.digit".
template <class Part>
class Parts : public Module {
 public:
  std::shared_ptr<Part> add(const std::string& name, std::shared_ptr<Part> part) {
    return register_module(name, std::move(part));
  }
};

std::string kind_of(const ConfigNode& node) { return node.find("kind")->text(); }

}  // namespace

Joint::Joint(const Recipe& recipe, const std::vector<int64_t>& encoder_widths,
             const std::vector<TargetFacts>& facts)
    : encoder_widths_(encoder_widths), shared_width_(recipe.space.width), width_(recipe.space.width) {
  if (facts.size() != recipe.tasks.size())
    throw Error(ErrorCode::kInternal, "model: expected the facts of every task");
  std::vector<std::string> names;
  for (const auto& [name, config] : recipe.fields) names.push_back(name);
  auto layers = std::make_shared<Parts<Interaction>>();
  for (size_t i = 0; i < recipe.interaction.size(); ++i) {
    const auto& node = recipe.interaction[i];
    interaction_.push_back(
        layers->add(std::to_string(i), make_interaction(node, {recipe.space.width, names})));
    if (token_reader_.empty()) token_reader_ = "interaction " + kind_of(node);
  }
  if (!recipe.fusion.is_null()) {
    fusion_ = make_fusion(recipe.fusion, {recipe.space.width, names});
    width_ = fusion_->width();
    if (fusion_->reads_tokens() && token_reader_.empty())
      token_reader_ = "fusion " + kind_of(recipe.fusion);
  }
  reads_tokens_ = !token_reader_.empty();
  auto tokens = std::make_shared<Parts<Linear>>();
  for (size_t i = 0; reads_tokens_ && i < names.size(); ++i) {
    tokens_.push_back(
        tokens->add(names[i], std::make_shared<Linear>(encoder_widths[i], recipe.space.width)));
  }
  register_module("tokens", std::move(tokens));
  register_module("interaction", std::move(layers));
  if (fusion_) register_module("fusion", fusion_);
  auto heads = std::make_shared<Parts<Head>>();
  for (size_t k = 0; k < recipe.tasks.size(); ++k) {
    const auto& task = recipe.tasks[k];
    heads_.push_back(heads->add(task.name, make_head(task.node, {width_, task.name, facts[k]})));
    auto& matched = matched_.emplace_back();
    if (task.between.size() == 2)
      matched = {recipe.field_index(task.between[0]), recipe.field_index(task.between[1])};
  }
  register_module("task", std::move(heads));
}

Tokens Joint::project_tokens(size_t field, const Tokens& tokens) const {
  if (!tokens.defined()) return {};  // an encoder without: its pooled vector is the one token
  return {tokens_.at(field)->forward(tokens.rows()), tokens.segments};
}

Fused Joint::fuse(std::vector<Embedding> parts, std::vector<Look>* looks) {
  for (const auto& layer : interaction_) parts = layer->forward(parts, looks);
  if (fusion_) return fusion_->forward(parts);
  const auto& only = parts.at(0);
  return {at::where(only.present.unsqueeze(1), only.pooled, at::zeros_like(only.pooled)), {}};
}

double Joint::flops(std::vector<int64_t> tokens) const {
  double all = 0;
  tokens.resize(encoder_widths_.size());
  for (size_t i = 0; i < tokens_.size(); ++i)
    all += 2.0 * static_cast<double>(tokens[i] * encoder_widths_[i] * shared_width_);
  for (auto& count : tokens) count = std::max<int64_t>(count, 1);
  for (const auto& layer : interaction_) {
    all += layer->flops(tokens);
    tokens = layer->tokens_after(std::move(tokens));
  }
  if (fusion_) all += fusion_->flops(tokens);
  for (const auto& head : heads_) all += head->flops();
  return all;
}

}  // namespace braid
