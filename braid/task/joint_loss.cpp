#include "braid/task/joint_loss.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>

#include "braid/alignment/matryoshka.h"
#include "braid/block/device.h"
#include "braid/block/random_scope.h"
#include "braid/core/error.h"
#include "braid/core/rng.h"

namespace braid {
namespace {

at::Tensor index_tensor(const std::vector<int64_t>& indices, at::Device device) {
  return to_device(at::tensor(indices, at::kLong), device);
}

// [P, 3]: the samples and their values in either slot, as numbers that are equal where they are.
at::Tensor identity_of(const SlotVectors& a, const SlotVectors& b,
                       const std::vector<int64_t>& sample, const std::vector<int64_t>& rows) {
  std::vector<int64_t> columns;
  for (int64_t row : rows) {
    const auto at = static_cast<size_t>(row);
    columns.push_back(sample[at]);
    columns.push_back(static_cast<int64_t>(a.slot->value_key[at]));
    columns.push_back(static_cast<int64_t>(b.slot->value_key[at]));
  }
  return index_tensor(columns, a.vectors.device()).view({-1, 3});
}

// Where `rows` stand among the rows of a slot: [P] long.
at::Tensor places_of(const std::vector<int64_t>& rows, const SlotVectors& part) {
  std::vector<int64_t> at;
  for (int64_t row : rows) {
    at.push_back(std::lower_bound(part.rows.begin(), part.rows.end(), row) - part.rows.begin());
  }
  return index_tensor(at, part.vectors.device());
}

Pairs pairs_of(const SlotVectors& a, const SlotVectors& b, const std::vector<int64_t>& samples,
               const std::vector<int64_t>& rows) {
  const auto in_a = places_of(rows, a), in_b = places_of(rows, b);
  Pairs pairs{a.vectors.index_select(0, in_a),
              b.vectors.index_select(0, in_b),
              identity_of(a, b, samples, rows),
              {},
              {}};
  if (a.keys.defined()) pairs.a_key = a.keys.index_select(0, in_a);
  if (b.keys.defined()) pairs.b_key = b.keys.index_select(0, in_b);
  return pairs;
}

// Which two slots a term compares. Views: the two views of one value. One field with itself:
// different sources of one draw. Two fields: the first views of everything with everything.
bool partners(bool views, bool same_field, const Slot& a, const Slot& b) {
  if (views) return a.source == b.source && a.draw == b.draw && a.view == 0 && b.view == 1;
  if (a.view != 0 || b.view != 0) return false;
  return !same_field || (a.source < b.source && a.draw == b.draw);
}

std::shared_ptr<Alignment> make_loss(const TermConfig& config, int64_t width) {
  auto loss = make_alignment(config.loss, width);
  std::vector<PrefixWidth> widths;
  for (size_t i = 0; i < config.widths.size(); ++i) {
    widths.push_back(
        {config.widths[i], config.width_weights.empty() ? 1.0 : config.width_weights[i]});
  }
  return widths.empty() ? loss : at_widths(std::move(loss), std::move(widths));
}

}  // namespace

JointLoss::JointLoss(const Recipe& recipe, const std::vector<const Modality*>& modalities,
                     std::vector<TargetTable> targets)
    : chunk_(recipe.train.chunk), two_views_(recipe.fields.size(), false) {
  for (const auto& config : recipe.alignment) {
    Term term;
    term.views = !config.views.empty();
    term.a = recipe.field_index(term.views ? config.views : config.between[0]);
    term.b = recipe.field_index(term.views ? config.views : config.between[1]);
    term.weight = config.weight;
    term.name = term.views ? "views:" + config.views : config.between[0] + "~" + config.between[1];
    const auto named_so = [&](const Term& other) { return other.name == term.name; };
    if (std::any_of(terms_.begin(), terms_.end(), named_so))
      term.name += ":" + config.loss.find("kind")->text();  // a further loss of the same fields
    if (std::any_of(terms_.begin(), terms_.end(), named_so))
      throw Error(ErrorCode::kConfig, "alignment: term '" + term.name + "' stands twice");
    term.loss = register_module(term.name, make_loss(config, recipe.space.width));
    if (term.views) two_views_[term.a] = true;
    const double momentum = term.loss->momentum();
    if (momentum_ > 0 && momentum > 0 && momentum != momentum_) {
      throw Error(ErrorCode::kConfig,
                  "alignment: the momentum encoders are one set for all terms: "
                  "momentum " +
                      number_text(momentum) + " of '" + term.name + "' differs from " +
                      number_text(momentum_) + " before");
    }
    momentum_ = std::max(momentum_, momentum);
    terms_.push_back(std::move(term));
  }
  if (!recipe.tasks.empty()) tasks_.emplace(recipe, std::move(targets));
  if (momentum_ == 0) return;
  auto towers = recipe;  // what is behind them follows nobody
  towers.tasks.clear();
  follower_ = register_module("momentum", std::make_shared<Model>(towers, modalities));
  follower_->freeze();
}

std::vector<std::pair<size_t, size_t>> JointLoss::pairs() const {
  std::vector<std::pair<size_t, size_t>> all;
  for (const auto& term : terms_) all.emplace_back(term.a, term.b);
  for (size_t i = 0; tasks_ && i < two_views_.size(); ++i) all.emplace_back(i, i);
  return all;
}

std::vector<bool> JointLoss::every_source() const {
  if (!tasks_) return {};
  std::vector<bool> every(two_views_.size(), false);
  for (const auto& term : terms_) every[term.a] = every[term.b] = true;
  return every;
}

void JointLoss::begin(const Model& model) {
  if (!follower_) return;
  auto state = state_of(model);
  std::erase_if(state.tensors,
                [&](const auto& named) { return tasks_ && named.first.starts_with("joint."); });
  load_state(*follower_, state, "momentum encoders");
}

void JointLoss::stepped(const Model& model) {
  for (auto& term : terms_) term.loss->bound();
  if (!follower_) return;
  const at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> keys;
  for (auto& [name, tensor] : follower_->named_buffers()) keys[name] = tensor;
  for (const auto& [name, tensor] : model.named_parameters()) {
    if (tasks_ && name.starts_with("joint.")) continue;
    keys.at(name).lerp_(tensor.detach(), 1 - momentum_);
  }
}

TermValue JointLoss::evaluate(Term& term, const std::vector<SlotVectors>& a_slots,
                              const std::vector<SlotVectors>& b_slots,
                              const std::vector<int64_t>& samples, at::Tensor* total) {
  std::vector<at::Tensor> losses;
  std::vector<Pairs> compared;
  double accuracy = 0;
  for (const auto& a : a_slots) {
    for (const auto& b : b_slots) {
      if (!partners(term.views, term.a == term.b, *a.slot, *b.slot)) continue;
      std::vector<int64_t> both;
      std::set_intersection(a.rows.begin(), a.rows.end(), b.rows.begin(), b.rows.end(),
                            std::back_inserter(both));
      if (both.size() < 2) continue;  // a lone sample has no negatives
      compared.push_back(pairs_of(a, b, samples, both));
      const auto out = term.loss->forward(compared.back());
      losses.push_back(out.loss);
      accuracy += out.accuracy.item<double>();
    }
  }
  for (const auto& pairs : compared) term.loss->remember(pairs);
  TermValue value{term.name, term.weight, std::numeric_limits<double>::quiet_NaN(), 0,
                  term.loss->readings()};
  if (losses.empty()) return value;
  const auto mean = at::stack(losses).mean();
  value.loss = mean.item<double>();
  value.accuracy = accuracy / static_cast<double>(losses.size());
  const auto weighted = mean * term.weight;
  *total = total->defined() ? *total + weighted : weighted;
  return value;
}

JointLossValue JointLoss::forward(Model& model, const Batch& batch) {
  std::vector<EmbeddedField> fields(batch.fields.size());
  const uint64_t seed = chunk_ > 0 ? draw_seed() : 0;
  const auto embed = [&](size_t field) {
    if (!fields[field].slots.empty()) return;
    const auto& values = batch.fields[field];
    const bool tokens = tasks_ && model.joint()->reads_tokens();
    fields[field] = embed_field(
        {&model, follower_.get(), field, chunk_, mix(seed, field), values.encoded, tokens}, values);
  };
  for (const auto& term : terms_) {
    for (size_t field : {term.a, term.b}) embed(field);
  }
  for (size_t field = 0; tasks_ && field < fields.size(); ++field) embed(field);
  JointLossValue result;
  const auto begin = std::chrono::steady_clock::now();
  for (auto& term : terms_) {
    result.terms.push_back(
        evaluate(term, fields[term.a].slots, fields[term.b].slots, batch.rows, &result.total));
  }
  if (tasks_) {
    for (auto& value : tasks_->evaluate(model, batch, fields, &result.total))
      result.terms.push_back(std::move(value));
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  result.loss_seconds = spent.count();
  return result;
}

}  // namespace braid
