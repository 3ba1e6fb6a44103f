#include "braid/task/task_loss.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/task/joint_part.h"
#include "braid/task/match_pairs.h"

namespace braid {
namespace {

// Samples that have a value in some field, in the first view and draw.
std::vector<bool> carried(const Batch& batch) {
  std::vector<bool> any(batch.rows.size(), false);
  for (const auto& field : batch.fields) {
    for (const auto& slot : field.slots) {
      if (slot.view != 0 || slot.draw != 0) continue;
      for (size_t i = 0; i < any.size(); ++i) any[i] = any[i] || slot.present[i];
    }
  }
  return any;
}

// So many texts of each language, in their order.
std::vector<size_t> drawn_texts(const std::vector<TargetText>& texts, int64_t count, Rng& rng) {
  std::vector<size_t> drawn;
  for (int64_t language = 0, seen = 0; seen < std::ssize(texts); ++language) {
    std::vector<size_t> own;
    for (size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].language == language) own.push_back(i);
    }
    seen += std::ssize(own);
    while (std::ssize(own) > count) own.erase(own.begin() + rng.below(std::ssize(own)));
    drawn.insert(drawn.end(), own.begin(), own.end());
  }
  return drawn;
}

// Of a sample's value in the first view and draw.
uint64_t first_key(const FieldBatch& field, size_t sample) {
  for (const auto& slot : field.slots) {
    if (slot.view == 0 && slot.draw == 0 && slot.present[sample]) return slot.value_key[sample];
  }
  return 0;
}

}  // namespace

TaskLoss::TaskLoss(const Recipe& recipe, std::vector<TargetTable> targets)
    : seed_(static_cast<uint64_t>(recipe.seed)) {
  if (targets.size() != recipe.tasks.size())
    throw Error(ErrorCode::kInternal, "loss: expected the targets of every task");
  for (size_t k = 0; k < recipe.tasks.size(); ++k) {
    const auto& config = recipe.tasks[k];
    Task task{"task:" + config.name, config.weight, std::move(targets[k])};
    task.matching = config.kind == "matching";
    if (task.matching) {
      task.a = recipe.field_index(config.between[0]);
      task.b = recipe.field_index(config.between[1]);
      task.hard = config.node.find("negatives")->text() == "hard";
    }
    if (config.transcribes()) task.draw = 1;
    if (config.kind == "generation") {
      const auto keys = read_member<GenerationConfig>(config.node);
      task.draw = keys.draw;
      if (const int64_t epochs = keys.self_critical.epochs; epochs > 0) {
        task.critic = std::make_unique<SelfCritical>(task.targets, keys.self_critical.draws);
        task.critic_from = std::max<int64_t>(recipe.train.epochs - epochs, 0);
      }
    }
    tasks_.push_back(std::move(task));
  }
}

std::vector<TermValue> TaskLoss::evaluate(Model& model, const Batch& batch,
                                          const std::vector<EmbeddedField>& fields,
                                          at::Tensor* total) const {
  const auto carries = carried(batch);
  std::vector<int64_t> rows;  // positions in the batch
  for (size_t i = 0; i < batch.rows.size(); ++i) {
    const bool asked = std::any_of(tasks_.begin(), tasks_.end(), [&](const Task& task) {
      return task.targets.knows_row(batch.rows[i]);
    });
    if (asked && carries[i]) rows.push_back(static_cast<int64_t>(i));
  }
  Joined fused;
  if (!rows.empty()) {
    std::vector<Embedding> parts;
    for (const auto& field : fields) {
      const auto places = places_of_rows(field, batch, rows, seed_);
      parts.push_back(
          joint_part(field.vectors, field.tokens, places, model.width(), model.device()));
    }
    fused = model.fuse(std::move(parts));
  }
  std::vector<TermValue> values;
  for (size_t k = 0; k < tasks_.size(); ++k) {
    const auto& task = tasks_[k];
    const bool critical = task.critic && batch.epoch >= task.critic_from;
    values.push_back(task.matching ? with_pairs(model, k, batch, fields, total)
                     : critical    ? with_drawn_texts(model, k, batch, rows, fused, total)
                     : task.draw   ? with_texts(model, k, batch, rows, fused, total)
                                   : with_targets(model, k, batch, rows, fused, total));
  }
  return values;
}

TermValue TaskLoss::nothing(size_t number) const {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  return {tasks_[number].name, tasks_[number].weight, kNone, kNone, {}};
}

TermValue TaskLoss::judge(Model& model, size_t number, const at::Tensor& vectors,
                          at::Tensor targets, at::Tensor* total) const {
  auto value = nothing(number);
  const auto outputs = model.answer(number, vectors);
  const auto out = model.joint()->head(number).loss(outputs, to_device(targets, outputs.device()));
  value.loss = out.loss.item<double>();
  value.accuracy = out.accuracy;
  const auto weighted = out.loss * value.weight;
  *total = total->defined() ? *total + weighted : weighted;
  return value;
}

TermValue TaskLoss::with_targets(Model& model, size_t number, const Batch& batch,
                                 const std::vector<int64_t>& rows, const Fused& fused,
                                 at::Tensor* total) const {
  const auto& task = tasks_[number];
  std::vector<int64_t> picked;  // of the fused rows
  std::vector<double> numbers;
  for (size_t r = 0; r < rows.size(); ++r) {
    const auto target = task.targets.of_row(batch.rows[static_cast<size_t>(rows[r])]);
    if (target.empty()) continue;
    picked.push_back(static_cast<int64_t>(r));
    numbers.insert(numbers.end(), target.begin(), target.end());
  }
  if (picked.empty()) return nothing(number);
  const auto here = fused.vector.device();
  const auto vectors =
      picked.size() == rows.size()
          ? fused.vector
          : fused.vector.index_select(0, to_device(at::tensor(picked, at::kLong), here));
  return judge(model, number, vectors,
               at::tensor(numbers, at::kDouble).view({-1, task.targets.columns}), total);
}

TermValue TaskLoss::with_texts(Model& model, size_t number, const Batch& batch,
                               const std::vector<int64_t>& rows, const Joined& joined,
                               at::Tensor* total) const {
  const auto& task = tasks_[number];
  TextBatch texts;
  for (size_t r = 0; r < rows.size(); ++r) {
    const int64_t row = batch.rows[static_cast<size_t>(rows[r])];
    if (!task.targets.knows_row(row)) continue;
    const auto& own = task.targets.texts[static_cast<size_t>(task.targets.place.at(row))];
    Rng rng(seed_, static_cast<uint64_t>(batch.epoch), static_cast<uint64_t>(row), "joint.text");
    for (const size_t i : drawn_texts(own, task.draw, rng)) {
      texts.sample.push_back(static_cast<int64_t>(r));
      texts.language.push_back(own[i].language);
      texts.tokens.push_back(own[i].tokens);
    }
  }
  auto value = nothing(number);
  if (texts.tokens.empty()) return value;
  at::Tensor loss;
  if (const auto* transcriber = model.joint()->transcriber(number)) {
    const auto own = transcriber->loss(model.hear(number, joined), texts);
    value.readings = {{"too_long", static_cast<double>(own.too_long)}};
    if (!own.value.defined()) return value;
    loss = own.value;
    value.accuracy = own.accuracy;
  } else {
    const auto& decoder = *model.joint()->decoder(number);
    const auto scores = model.score_texts(number, joined, texts);
    const auto following = decoder.following(texts);
    loss = decoder.loss(scores, following);
    const auto truth = to_device(at::tensor(following, at::kLong), scores.device());
    value.accuracy = scores.detach().argmax(1).eq(truth).to(at::kDouble).mean().item<double>();
  }
  value.loss = loss.item<double>();
  const auto weighted = loss * value.weight;
  *total = total->defined() ? *total + weighted : weighted;
  return value;
}

TermValue TaskLoss::with_drawn_texts(Model& model, size_t number, const Batch& batch,
                                     const std::vector<int64_t>& rows, const Joined& joined,
                                     at::Tensor* total) const {
  const auto& task = tasks_[number];
  std::vector<int64_t> places, drawn_rows;
  for (const int64_t r : rows) {
    const int64_t row = batch.rows[static_cast<size_t>(r)];
    const auto known = task.targets.place.find(row);
    places.push_back(known == task.targets.place.end() ? SelfCritical::kUnknown : known->second);
    drawn_rows.push_back(row);
  }
  auto value = nothing(number);
  if (rows.empty()) return value;
  Rng rng(seed_, static_cast<uint64_t>(batch.epoch), 0, "joint.draw");
  const auto drawn = task.critic->draw(model, number, joined, places, drawn_rows, rng.next());
  if (drawn.reward.empty()) return value;
  const auto& decoder = *model.joint()->decoder(number);
  const auto scores = model.score_texts(number, joined, drawn.texts);
  const auto loss =
      self_critical_loss(scores, decoder.following(drawn.texts), drawn, decoder.max_tokens());
  value.loss = loss.item<double>();
  value.readings = {{"cider_d", drawn.mean_reward}};
  const auto weighted = loss * value.weight;
  *total = total->defined() ? *total + weighted : weighted;
  return value;
}

TermValue TaskLoss::with_pairs(Model& model, size_t number, const Batch& batch,
                               const std::vector<EmbeddedField>& fields, at::Tensor* total) const {
  const auto& task = tasks_[number];
  std::vector<int64_t> everyone(batch.rows.size());
  std::iota(everyone.begin(), everyone.end(), 0);
  const auto all_a = places_of_rows(fields[task.a], batch, everyone, seed_);
  const auto all_b = places_of_rows(fields[task.b], batch, everyone, seed_);
  std::vector<int64_t> a, b;  // places of the samples that have both
  std::vector<uint64_t> a_keys, b_keys;
  for (size_t i = 0; i < everyone.size(); ++i) {
    if (all_a[i] == kAbsent || all_b[i] == kAbsent) continue;
    a.push_back(all_a[i]);
    b.push_back(all_b[i]);
    a_keys.push_back(first_key(batch.fields[task.a], i));
    b_keys.push_back(first_key(batch.fields[task.b], i));
  }
  if (a.size() < 2) return nothing(number);
  const auto here = model.device();
  const auto of = [&](const at::Tensor& vectors, const std::vector<int64_t>& places) {
    return vectors.detach().index_select(0, to_device(at::tensor(places, at::kLong), here));
  };
  const auto pairs = draw_match_pairs(of(fields[task.a].vectors, a), of(fields[task.b].vectors, b),
                                      a_keys, b_keys, task.hard);
  std::vector<Embedding> parts;
  for (size_t field = 0; field < fields.size(); ++field) {
    std::vector<int64_t> places(pairs.truth.size(), kAbsent);
    for (size_t r = 0; r < places.size(); ++r) {
      if (field == task.a) places[r] = a[static_cast<size_t>(pairs.a[r])];
      if (field == task.b) places[r] = b[static_cast<size_t>(pairs.b[r])];
    }
    parts.push_back(
        joint_part(fields[field].vectors, fields[field].tokens, places, model.width(), here));
  }
  return judge(model, number, model.fuse(std::move(parts)).vector,
               at::tensor(pairs.truth, at::kDouble).view({-1, 1}), total);
}

}  // namespace braid
