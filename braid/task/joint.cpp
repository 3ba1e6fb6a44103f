#include "braid/task/joint.h"

#include <algorithm>
#include <numeric>

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

Joint::Joint(const Recipe& recipe, const std::vector<int64_t>& token_widths,
             const std::vector<TargetFacts>& facts)
    : token_widths_(token_widths), shared_width_(recipe.space.width), width_(recipe.space.width) {
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
  for (const auto& task : recipe.tasks) {
    if (!token_reader_.empty() || !task.writes()) continue;
    if (task.transcribes()) {
      token_reader_ = "task " + task.name;
    } else if (task.node.find("reads")->text() != "fused") {
      token_reader_ = "task " + task.name + " (reads: fused would not)";
    }
  }
  reads_tokens_ = !token_reader_.empty();
  auto tokens = std::make_shared<Parts<Linear>>();
  for (size_t i = 0; reads_tokens_ && i < names.size(); ++i) {
    tokens_.push_back(
        tokens->add(names[i], std::make_shared<Linear>(token_widths[i], recipe.space.width)));
  }
  register_module("tokens", std::move(tokens));
  register_module("interaction", std::move(layers));
  if (fusion_) register_module("fusion", fusion_);
  auto answerers = std::make_shared<Parts<Module>>();
  for (size_t k = 0; k < recipe.tasks.size(); ++k) {
    const auto& task = recipe.tasks[k];
    auto& head = heads_.emplace_back();
    auto& decoder = decoders_.emplace_back();
    auto& transcriber = transcribers_.emplace_back();
    const DecoderInput input{recipe.space.width, width_, names, facts[k]};
    if (task.transcribes()) {
      answerers->add(task.name, transcriber = make_transcription(task.node, input));
    } else if (task.writes()) {
      answerers->add(task.name, decoder = make_generation(task.node, input));
    } else {
      answerers->add(task.name, head = make_head(task.node, {width_, task.name, facts[k]}));
    }
    auto& matched = matched_.emplace_back();
    if (task.between.size() == 2)
      matched = {recipe.field_index(task.between[0]), recipe.field_index(task.between[1])};
  }
  register_module("task", std::move(answerers));
}

Tokens Joint::project_tokens(size_t field, const Tokens& tokens) const {
  if (!tokens.defined()) return {};  // an encoder without: its pooled vector is the one token
  return {tokens_.at(field)->forward(tokens.rows()), tokens.segments};
}

Joined Joint::fuse(std::vector<Embedding> parts, std::vector<Look>* looks) {
  for (size_t i = 0; i < interaction_.size(); ++i) {
    const size_t before = looks ? looks->size() : 0;
    parts = interaction_[i]->forward(parts, looks);
    for (size_t k = before; looks && k < looks->size(); ++k)
      (*looks)[k].name.insert(0, std::to_string(i) + ".");
  }
  if (fusion_) {
    auto fused = fusion_->forward(parts);
    return {std::move(fused), std::move(parts)};
  }
  const auto& only = parts.at(0);
  const auto there = only.present.unsqueeze(1);
  return {{at::where(there, only.pooled, at::zeros_like(only.pooled)), {}}, std::move(parts)};
}

double Joint::flops(std::vector<int64_t> tokens) const {
  double all = 0;
  tokens.resize(token_widths_.size());
  for (size_t i = 0; i < tokens_.size(); ++i)
    all += 2.0 * static_cast<double>(tokens[i] * token_widths_[i] * shared_width_);
  for (auto& count : tokens) count = std::max<int64_t>(count, 1);
  for (const auto& layer : interaction_) {
    all += layer->flops(tokens);
    tokens = layer->tokens_after(std::move(tokens));
  }
  if (fusion_) all += fusion_->flops(tokens);
  const auto source = std::accumulate(tokens.begin(), tokens.end(), int64_t{0});
  for (size_t k = 0; k < heads_.size(); ++k) {
    all += transcribers_[k] ? transcribers_[k]->flops(tokens.at(transcribers_[k]->place()))
           : decoders_[k]   ? decoders_[k]->flops(source)
                            : heads_[k]->flops();
  }
  return all;
}

}  // namespace braid
