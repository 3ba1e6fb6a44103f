// The loader's threads. A batch is a job of chunks that any worker takes; at most `prefetch` jobs
// are open, and they are handed out in order.
#include "braid/data/loader.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "braid/core/error.h"
#include "braid/core/parallel.h"
#include "braid/data/batch_maker.h"
#include "braid/data/epoch_order.h"
#include "braid/data/sample_store.h"

namespace braid {
namespace {

constexpr size_t kSamplesPerTake = 8;  // samples a worker takes at a time
constexpr size_t kNamedBad = 5;

struct BatchJob {
  int64_t epoch = 0;
  int64_t step = 0;
  std::vector<int64_t> rows;
  std::vector<RowSample> samples;  // each written by the worker that took its chunk
  std::atomic<bool> cancelled{false};
  // The rest is under the loader's lock.
  size_t taken = 0;
  size_t finished = 0;
  bool ready = false;
  std::unique_ptr<Batch> batch;
  std::vector<BadSample> bad;
  EpochLoading loading;  // its seconds: of all who worked on it, together
  std::exception_ptr failure;
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int64_t bytes_of(const Batch& batch) {
  int64_t bytes = 0;
  const auto add = [&](const Array& array) {
    if (!array.empty()) bytes += static_cast<int64_t>(array.byte_size());
  };
  for (const auto& field : batch.fields) {
    for (const auto& slot : field.slots) {
      add(slot.batch.values);
      add(slot.batch.mask);
    }
  }
  return bytes;
}

class ThreadedLoader final : public Loader {
 public:
  ThreadedLoader(const Dataset& dataset, std::vector<int64_t> rows,
                 const std::vector<const Modality*>& modalities, const LoaderConfig& config)
      : config_(config),
        rows_(std::move(rows)),
        shuffle_buffer_(dataset.shuffle_buffer()),
        maker_(dataset, modalities, config) {
    for (const auto& stream : dataset.streams()) stream_begins_.push_back(stream.first_row);
    try {
      for (int64_t i = 0; i < config_.workers; ++i) workers_.emplace_back([this] { work(); });
    } catch (const std::system_error& problem) {
      stop();
      throw Error(ErrorCode::kIo, std::string("loader: cannot start a thread: ") + problem.what());
    }
  }

  ~ThreadedLoader() override { stop(); }

  int64_t steps_per_epoch() const override {
    const auto n = static_cast<int64_t>(rows_.size());
    return config_.shuffle ? n / config_.batch : (n + config_.batch - 1) / config_.batch;
  }

  void start(int64_t epoch, int64_t step) override {
    auto order = config_.shuffle
                     ? epoch_order(rows_, stream_begins_, shuffle_buffer_, config_.seed, epoch)
                     : rows_;
    if (config_.shuffle && config_.arrange) config_.arrange(order);
    for (const auto& store : config_.stored) {
      if (store) store->refresh();
    }
    {
      const std::lock_guard held(lock_);
      cancel_jobs();
      order_ = std::move(order);
      epoch_ = epoch;
      next_step_ = step;
      begun_ = true;
    }
    work_there_.notify_all();
  }

  std::unique_ptr<Batch> next() override {
    if (!begun_) throw Error(ErrorCode::kInternal, "loader: next() before start()");
    while (auto job = config_.workers == 0 ? make_here() : wait_for_front()) {
      if (job->failure) std::rethrow_exception(job->failure);
      note_bad(job->bad);
      note_loading(*job);
      if (!job->batch->rows.empty()) return std::move(job->batch);
    }
    return nullptr;
  }

  std::vector<BadSample> bad() const override {
    std::vector<BadSample> found;
    for (const auto& [row, sample] : bad_) found.push_back(sample);
    return found;
  }

  Loading loading() const override { return loading_; }

 private:
  void stop() {
    {
      const std::lock_guard held(lock_);
      stopping_ = true;
      cancel_jobs();
    }
    work_there_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  // Under the lock; nullptr at the end of the epoch.
  std::shared_ptr<BatchJob> open_job() {
    if (next_step_ >= steps_per_epoch()) return nullptr;
    auto job = std::make_shared<BatchJob>();
    job->epoch = epoch_;
    job->step = next_step_++;
    const size_t begin = static_cast<size_t>(job->step * config_.batch);
    const size_t end = std::min(begin + static_cast<size_t>(config_.batch), order_.size());
    job->rows.assign(order_.begin() + begin, order_.begin() + end);
    job->samples.resize(job->rows.size());
    return job;
  }

  void cancel_jobs() {
    for (auto& job : jobs_) job->cancelled = true;
    jobs_.clear();
  }

  void fill(BatchJob& job, size_t begin, size_t end) {
    for (size_t i = begin; i < end && !job.cancelled; ++i) {
      job.samples[i] = maker_.sample(job.epoch, job.rows[i]);
    }
  }

  void finish(BatchJob& job) {
    const auto begin = std::chrono::steady_clock::now();
    job.batch = maker_.batch(job.epoch, job.step, job.rows, job.samples);
    job.loading.samples = static_cast<int64_t>(job.batch->rows.size());
    job.loading.bytes = bytes_of(*job.batch);
    job.loading.seconds += seconds_since(begin);
    for (auto& sample : job.samples) {
      job.loading.origins += sample.origins;
      if (sample.bad) job.bad.push_back(std::move(*sample.bad));
    }
    job.samples.clear();
  }

  std::shared_ptr<BatchJob> make_here() {
    auto job = open_job();
    if (!job) return nullptr;
    const auto begin = std::chrono::steady_clock::now();
    const size_t rows = job->rows.size();
    const auto takes = static_cast<int64_t>((rows + kSamplesPerTake - 1) / kSamplesPerTake);
    parallel_for(takes, config_.threads, [&](int64_t take) {
      const size_t first = static_cast<size_t>(take) * kSamplesPerTake;
      fill(*job, first, std::min(first + kSamplesPerTake, rows));
    });
    job->loading.seconds = seconds_since(begin);
    finish(*job);
    return job;
  }

  std::shared_ptr<BatchJob> wait_for_front() {
    std::unique_lock held(lock_);
    batch_there_.wait(held, [&] { return jobs_.empty() ? ended() : jobs_.front()->ready; });
    if (jobs_.empty()) return nullptr;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    held.unlock();
    work_there_.notify_all();
    return job;
  }

  bool ended() const { return next_step_ >= steps_per_epoch(); }

  // Under the lock: a job with samples that nobody has taken yet, a new one if there is room.
  std::shared_ptr<BatchJob> find_work() {
    if (!begun_) return nullptr;
    for (auto& job : jobs_) {
      if (job->taken < job->rows.size() && !job->failure) return job;
    }
    if (static_cast<int64_t>(jobs_.size()) >= config_.prefetch) return nullptr;
    auto job = open_job();
    if (job) jobs_.push_back(job);
    return job;
  }

  void work() {
    std::unique_lock held(lock_);
    while (true) {
      std::shared_ptr<BatchJob> job;
      work_there_.wait(held, [&] { return stopping_ || (job = find_work()) != nullptr; });
      if (stopping_) return;
      const size_t begin = job->taken;
      const size_t end = job->taken = std::min(begin + kSamplesPerTake, job->rows.size());
      held.unlock();
      std::exception_ptr failure;
      const auto began = std::chrono::steady_clock::now();
      try {
        fill(*job, begin, end);
      } catch (...) {
        failure = std::current_exception();
      }
      const double seconds = seconds_since(began);
      held.lock();
      job->loading.seconds += seconds;
      if (failure && !job->failure) job->failure = failure;
      job->finished += end - begin;
      if (job->finished == job->taken && (job->failure || job->finished == job->rows.size())) {
        close_job(*job, held);
      }
    }
  }

  // By the worker that finished last.
  void close_job(BatchJob& job, std::unique_lock<std::mutex>& held) {
    if (!job.failure && !job.cancelled) {
      held.unlock();
      std::exception_ptr failure;
      try {
        finish(job);
      } catch (...) {
        failure = std::current_exception();
      }
      held.lock();
      job.failure = failure;
    }
    job.ready = true;
    batch_there_.notify_all();
  }

  void note_loading(const BatchJob& job) {
    if (!first_epoch_) first_epoch_ = job.epoch;
    auto& loading = job.epoch == *first_epoch_ ? loading_.first : loading_.later;
    auto part = job.loading;
    part.seconds /= static_cast<double>(std::max<int64_t>(1, config_.workers));
    if (noted_epoch_ != job.epoch) part.epochs = 1;
    noted_epoch_ = job.epoch;
    loading += part;
  }

  void note_bad(std::vector<BadSample>& found) {
    for (auto& sample : found) {
      const int64_t row = sample.row;
      bad_.emplace(row, std::move(sample));
    }
    const double share = static_cast<double>(bad_.size()) / static_cast<double>(rows_.size());
    if (found.empty() || share <= config_.max_bad) return;
    std::string message =
        std::to_string(bad_.size()) + " of " + std::to_string(rows_.size()) +
        " samples cannot be read, more than data.max_bad = " + number_text(config_.max_bad) +
        " allows:";
    size_t named = 0;
    for (const auto& [row, sample] : bad_) {
      if (named++ == kNamedBad) break;
      message += "\n  " + sample.where + ": " + sample.message;
    }
    if (bad_.size() > kNamedBad) message += "\n  ...";
    throw Error(ErrorCode::kInput, message);
  }

  const LoaderConfig config_;
  const std::vector<int64_t> rows_;
  const std::optional<int64_t> shuffle_buffer_;
  std::vector<int64_t> stream_begins_;
  BatchMaker maker_;
  std::map<int64_t, BadSample> bad_;  // of the batches handed out, so that workers do not matter
  Loading loading_;                   // of the same
  std::optional<int64_t> first_epoch_, noted_epoch_;

  std::mutex lock_;
  std::condition_variable work_there_, batch_there_;
  bool stopping_ = false;
  bool begun_ = false;
  int64_t epoch_ = 0;
  int64_t next_step_ = 0;
  std::vector<int64_t> order_;
  std::deque<std::shared_ptr<BatchJob>> jobs_;
  std::vector<std::thread> workers_;
};

void check_loader(const LoaderConfig& config, size_t rows, size_t fields, size_t modalities) {
  const auto fits = [&](const auto& per_field) {
    return per_field.empty() || per_field.size() == fields;
  };
  if (config.batch < 1 || config.prefetch < 1 || config.workers < 0 || modalities != fields ||
      !fits(config.two_views) || !fits(config.every_source) || !fits(config.draw) ||
      !fits(config.plain) || !fits(config.encoded) || !fits(config.pooling) ||
      !fits(config.stored)) {
    throw Error(
        ErrorCode::kInternal,
        "loader: batch, prefetch and workers must be positive, one modality and flag a field");
  }
  if (config.shuffle && rows < static_cast<size_t>(config.batch)) {
    throw Error(ErrorCode::kInput, std::to_string(rows) + " rows do not fill one batch of " +
                                       std::to_string(config.batch) + ": use a smaller batch");
  }
}

}  // namespace

std::unique_ptr<Loader> make_loader(const Dataset& dataset, std::vector<int64_t> rows,
                                    const std::vector<const Modality*>& modalities,
                                    const LoaderConfig& config) {
  check_loader(config, rows.size(), dataset.fields().size(), modalities.size());
  return std::make_unique<ThreadedLoader>(dataset, std::move(rows), modalities, config);
}

}  // namespace braid
