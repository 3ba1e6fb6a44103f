#include "braid/train/trainer.h"

#include <chrono>
#include <cmath>
#include <memory>
#include <optional>

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/core/rng.h"
#include "braid/core/text.h"
#include "braid/report/event_file.h"
#include "braid/report/metrics_log.h"
#include "braid/train/adamw.h"
#include "braid/train/schedule.h"
#include "braid/train/weight_average.h"

namespace braid {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Everything that trains: the model's tensors and the losses' temperatures, under one tree of
// names.
class Trained : public Module {
 public:
  Trained(Model& model, JointLoss& loss) {
    // The parts outlive this view of them: no ownership.
    register_module("model", std::shared_ptr<Model>(&model, [](Model*) {}));
    register_module("loss", std::shared_ptr<JointLoss>(&loss, [](JointLoss*) {}));
  }
};

class Session {
 public:
  Session(const TrainParts& parts, const TrainOptions& options);
  TrainResult run();

 private:
  void resume(Checkpoint checkpoint);
  bool budget_left() const;
  bool patience_left() const { return config_.patience == 0 || at_.worse < config_.patience; }
  int64_t epochs_done() const {
    return at_.epoch + (at_.batch >= parts_.loader->steps_per_epoch() ? 1 : 0);
  }
  double progress() const;
  void one_step();
  JointLossValue one_batch(const Batch& batch);
  std::unique_ptr<Batch> next_batch();
  void mine_if_due();
  void validate();
  void save();
  void log(const std::vector<std::pair<std::string, double>>& values);
  void finish();
  [[noreturn]] void broken_loss(const Batch& batch, const JointLossValue& value) const;
  [[noreturn]] void broken_gradient(const std::vector<int64_t>& rows) const;
  std::string sample_names(const std::vector<int64_t>& rows) const;

  TrainParts parts_;
  TrainOptions options_;
  const TrainConfig& config_;
  Trained trained_;
  Adamw optimizer_;
  std::unique_ptr<WeightAverage> average_;
  TrainPosition at_;
  int64_t total_steps_ = 0;
  double elapsed_before_s_ = 0;
  Clock::time_point begin_ = Clock::now();
  TrainResult result_;
  std::unique_ptr<MetricsLog> metrics_;
  std::unique_ptr<EventFile> events_;
  std::unique_ptr<Meter> meter_;
  double shown_loss_ = 0;
  std::optional<double> mined_cosine_;  // by the step under way
};

Session::Session(const TrainParts& parts, const TrainOptions& options)
    : parts_(parts),
      options_(options),
      config_(parts.recipe->train),
      trained_(*parts.model, *parts.loss),
      optimizer_(trained_.named_parameters(), config_) {
  const int64_t per_epoch = parts.loader->steps_per_epoch();
  if (per_epoch == 0) {
    throw Error(ErrorCode::kInput, "the training split is smaller than one batch of " +
                                       std::to_string(config_.batch) + "; lower train.batch");
  }
  total_steps_ =
      config_.steps.value_or(std::max<int64_t>(1, config_.epochs * per_epoch / config_.accumulate));
  parts.loss->begin(*parts.model);
  if (config_.ema > 0) average_ = std::make_unique<WeightAverage>(*parts.model, config_.ema);
  const auto machine = this_machine();
  at_.threads = machine.threads;
  at_.capability = machine.capability;
  at_.device = at::DeviceTypeName(parts.model->device().type(), /*lower_case=*/true);
  at_.precision = precision_name(parts.model->precision());
}

// What decides bytes, for the message of a resume that cannot keep them.
std::string under(const TrainPosition& at) {
  return std::to_string(at.threads) + " threads and " + at.capability + " on " + at.device +
         " in " + at.precision;
}

void Session::resume(Checkpoint checkpoint) {
  const auto now = at_;
  const std::string where = parts_.run->path().string();
  at_ = checkpoint.position;
  const bool same = at_.threads == now.threads && at_.capability == now.capability &&
                    at_.device == now.device && at_.precision == now.precision;
  if (!same && !options_.inexact) {
    throw Error(ErrorCode::kState,
                where + ": was trained with " + under(at_) + ", this process has " + under(now) +
                    "; set BRAID_THREADS or --device, or resume with --inexact (other bytes)");
  }
  at_.threads = now.threads;
  at_.capability = now.capability;
  at_.device = now.device;
  at_.precision = now.precision;
  load_state(trained_, checkpoint.model, where);
  optimizer_.load(checkpoint.optimizer, where);
  if (average_) average_->load(checkpoint.average, where);
  if (parts_.negatives) parts_.negatives->load(checkpoint.negatives, at_.epoch, where);
  elapsed_before_s_ = at_.elapsed_s;
}

// Progress for the schedule: of the steps, or of the minutes when those run out first.
double Session::progress() const {
  const double steps = static_cast<double>(at_.step + 1) / static_cast<double>(total_steps_);
  if (!config_.minutes) return steps;
  const double spent_s = elapsed_before_s_ + seconds_since(begin_);
  return std::max(steps, spent_s / (*config_.minutes * 60));
}

bool Session::budget_left() const {
  if (at_.done || at_.step >= total_steps_) return false;
  return !config_.minutes || elapsed_before_s_ + seconds_since(begin_) < *config_.minutes * 60;
}

// With the weights as they stand; the batches of the epoch that begins follow from them.
void Session::mine_if_due() {
  if (!parts_.negatives || !parts_.negatives->due(at_.epoch)) return;
  mined_cosine_ = parts_.negatives->mine(*parts_.model);
  parts_.model->train(true);
}

std::unique_ptr<Batch> Session::next_batch() {
  const auto begin = Clock::now();
  auto batch = parts_.loader->next();
  result_.stages.wait += seconds_since(begin);
  if (!batch) {
    at_.epoch += 1;
    at_.batch = 0;
    mine_if_due();
    parts_.loader->start(at_.epoch, 0);
    batch = parts_.loader->next();
    if (!batch)
      throw Error(ErrorCode::kInput, "no batch could be read: see the unreadable samples");
  }
  at_.batch = batch->step + 1;  // not a count: a batch without a readable sample is left out
  return batch;
}

JointLossValue Session::one_batch(const Batch& batch) {
  auto begin = Clock::now();
  auto value = parts_.loss->forward(*parts_.model, batch);
  result_.stages.loss += value.loss_seconds;
  result_.stages.forward += seconds_since(begin) - value.loss_seconds;
  if (!value.total.defined()) return value;
  if (!value.total.isfinite().item<bool>()) broken_loss(batch, value);
  begin = Clock::now();
  (value.total / static_cast<double>(config_.accumulate)).backward();
  result_.stages.backward += seconds_since(begin);
  result_.samples += static_cast<int64_t>(batch.rows.size());
  return value;
}

void Session::one_step() {
  const auto begin = Clock::now();
  parts_.model->train(true);
  at::manual_seed(
      mix(static_cast<uint64_t>(parts_.recipe->seed), static_cast<uint64_t>(at_.step) + 1));
  std::vector<std::pair<std::string, double>> values;
  std::vector<int64_t> rows;
  double total = 0;
  for (int64_t i = 0; i < config_.accumulate; ++i) {
    const auto batch = next_batch();
    const auto value = one_batch(*batch);
    rows.insert(rows.end(), batch->rows.begin(), batch->rows.end());
    if (value.total.defined())
      total += value.total.item<double>() / static_cast<double>(config_.accumulate);
    if (i + 1 < config_.accumulate) continue;
    for (const auto& term : value.terms) {
      values.emplace_back("loss/" + term.name, term.loss);
      if (!std::isnan(term.accuracy)) values.emplace_back("accuracy/" + term.name, term.accuracy);
      for (const auto& [what, value] : term.readings)
        values.emplace_back(what + "/" + term.name, value);
    }
  }
  const auto optimizing = Clock::now();
  const double norm = optimizer_.gradient_norm();
  if (!std::isfinite(norm)) broken_gradient(rows);
  const double lr = learning_rate(config_, progress());
  optimizer_.step(lr, optimizer_.clip_scale(norm));
  optimizer_.zero_gradients();
  parts_.loss->stepped(*parts_.model);
  at_.step += 1;
  if (average_) average_->update(at_.step);
  result_.stages.optimizer += seconds_since(optimizing);
  result_.step_seconds += seconds_since(begin);
  values.insert(values.begin(), {{"loss", total}, {"lr", lr}, {"gradient_norm", norm}});
  values.emplace_back("samples_per_s", static_cast<double>(rows.size()) / seconds_since(begin));
  if (mined_cosine_) values.emplace_back("hard_negatives/cosine", *mined_cosine_);
  mined_cosine_.reset();
  log(values);
  shown_loss_ = shown_loss_ == 0 ? total : 0.9 * shown_loss_ + 0.1 * total;
  meter_->advance(1, "epoch " + std::to_string(at_.epoch + 1) + ", loss " +
                         number_text(std::round(shown_loss_ * 1000) / 1000));
}

std::string Session::sample_names(const std::vector<int64_t>& rows) const {
  std::vector<std::string> names;
  for (size_t i = 0; i < rows.size() && i < 5; ++i) names.push_back(parts_.data->where(rows[i]));
  return join(names, ", ") +
         (rows.size() > 5 ? " and " + std::to_string(rows.size() - 5) + " more" : "");
}

void Session::broken_loss(const Batch& batch, const JointLossValue& value) const {
  std::string terms;
  for (const auto& term : value.terms) {
    if (std::isfinite(term.loss)) continue;
    terms += (terms.empty() ? "" : ", ") + term.name;
  }
  throw Error(ErrorCode::kInput,
              "step " + std::to_string(at_.step + 1) + ": loss is not finite, term " +
                  (terms.empty() ? "total" : terms) + ", samples " + sample_names(batch.rows) +
                  "; a lower train.lr or train.clip may help; the last checkpoint is kept");
}

void Session::broken_gradient(const std::vector<int64_t>& rows) const {
  const auto name = optimizer_.broken_gradient();
  throw Error(ErrorCode::kInput, "step " + std::to_string(at_.step + 1) + ": gradient of " +
                                     (name.empty() ? "all parameters together" : name) +
                                     " is not finite, samples " + sample_names(rows) +
                                     "; a lower train.lr may help; the last checkpoint is kept");
}

void Session::log(const std::vector<std::pair<std::string, double>>& values) {
  const double wall_s = elapsed_before_s_ + seconds_since(begin_);
  const double epoch = static_cast<double>(at_.step * config_.accumulate) /
                       static_cast<double>(parts_.loader->steps_per_epoch());
  metrics_->write({at_.step, epoch, wall_s, values});
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  events_->scalars(at_.step, now, values);
}

void Session::validate() {
  if (!parts_.validate) return;
  if (average_) average_->swap();
  const auto begin = Clock::now();
  if (parts_.fill_supports) parts_.fill_supports();
  const auto validation = parts_.validate();
  result_.stages.validation += seconds_since(begin);
  const bool better = at_.best_step < 0 || validation.score > at_.best;
  if (better) {
    at_.best = validation.score;
    at_.best_step = at_.step;
    at_.worse = 0;
    write_safetensors(parts_.run->best(at_.step), state_of(*parts_.model));
  } else {
    at_.worse += 1;
  }
  parts_.model->clear_supports();  // before the other weights come back, which are not theirs
  if (average_) average_->swap();
  log(validation.values);
}

void Session::save() {
  const auto begin = Clock::now();
  at_.elapsed_s = elapsed_before_s_ + seconds_since(begin_);
  Checkpoint checkpoint{at_, state_of(trained_), optimizer_.state(), {}, {}};
  if (average_) checkpoint.average = average_->state();
  if (parts_.negatives) checkpoint.negatives = parts_.negatives->state();
  parts_.run->write_checkpoint(checkpoint, config_.keep);
  result_.stages.checkpoint += seconds_since(begin);
}

// The weights that deploy: the best on validation, or the last; averaged where averages are kept.
void Session::finish() {
  at_.done = true;
  save();
  const bool best = config_.choose == Choice::kBest && at_.best_step >= 0;
  if (best) {
    load_state(*parts_.model, read_safetensors(parts_.run->best(at_.best_step)),
               parts_.run->path().string());
  } else {
    if (average_) average_->swap();
    if (parts_.fill_supports) parts_.fill_supports();
  }
  write_safetensors(parts_.run->model(), state_of(*parts_.model));
}

TrainResult Session::run() {
  auto checkpoint = parts_.run->newest_checkpoint();
  const int64_t last_step = checkpoint ? checkpoint->position.step : -1;
  if (checkpoint) resume(std::move(*checkpoint));
  metrics_ = std::make_unique<MetricsLog>(parts_.run->metrics(), last_step);
  events_ = std::make_unique<EventFile>(parts_.run->path());
  meter_ = std::make_unique<Meter>(options_.sink, stage_on("train", parts_.model->device()), "step",
                                   total_steps_, at_.step);
  parts_.loader->start(at_.epoch, at_.batch);
  bool more = budget_left() && patience_left();
  while (more) {
    if (options_.stop && options_.stop->requested()) {
      save();
      meter_->finish("stopped");
      throw Error(ErrorCode::kInterrupted,
                  "stopped at step " + std::to_string(at_.step) + " of " +
                      std::to_string(total_steps_) +
                      "; everything is saved, continue with: braid train --resume " +
                      parts_.run->path().string());
    }
    // Accumulated batches may carry a step over the end of an epoch, or of several.
    const int64_t before = epochs_done();
    one_step();
    const auto passed = [&](int64_t every) { return epochs_done() / every > before / every; };
    const bool in_budget = budget_left();
    if (passed(config_.evaluate_every) || !in_budget) validate();
    more = in_budget && patience_left();
    const bool checkpoint_due = config_.checkpoint_steps ? at_.step % *config_.checkpoint_steps == 0
                                                         : passed(config_.checkpoint_every);
    if (checkpoint_due && more) save();
  }
  finish();
  meter_->finish();
  result_.position = at_;
  result_.seconds = seconds_since(begin_);
  return result_;
}

}  // namespace

TrainResult train(const TrainParts& parts, const TrainOptions& options) {
  return Session(parts, options).run();
}

}  // namespace braid
