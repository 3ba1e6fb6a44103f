#include "braid/study/cell_runner.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <thread>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/report/append_file.h"
#include "braid/study/cell_process.h"
#include "braid/study/room.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kPoll = std::chrono::milliseconds(50);
constexpr auto kTellEvery = std::chrono::seconds(10);

// A process at work on a cell.
struct Running {
  Cell cell;
  CellState from;  // the state that it leads out of
  std::unique_ptr<CellProcess> process;
};

class Runner {
 public:
  Runner(const StudyFolder& folder, const StudyPlan& plan, const RunnerOptions& options)
      : folder_(folder), plan_(plan), options_(options) {
    for (const auto& cell : cells_of(plan)) {
      ++total_;
      if (folder.state(plan, cell) == CellState::kDone) {
        ++before_;
        need_mb_ = std::max(need_mb_, peak_of(cell));
      } else {
        waiting_.push_back(cell);
      }
    }
    done_ = before_;
  }

  Sitting run() {
    tell(true);
    for (;;) {
      collect();
      if (stopped()) break;
      while (may_start()) {
        start(waiting_.front());
        waiting_.pop_front();
      }
      if (running_.empty()) break;
      tell(false);
      std::this_thread::sleep_for(kPoll);
    }
    if (stopped()) end_all();
    tell_end();
    if (stopped()) {
      throw Error(ErrorCode::kInterrupted,
                  std::to_string(done_) + " of " + std::to_string(total_) +
                      " cells are done, everything is saved, continue with the same command");
    }
    sitting_.missing.assign(waiting_.begin(), waiting_.end());
    return std::move(sitting_);
  }

 private:
  bool stopped() const { return options_.watch.stop && options_.watch.stop->requested(); }

  double elapsed_s() const {
    return std::chrono::duration<double>(Clock::now() - begin_).count();
  }

  int64_t peak_of(const Cell& cell) const {
    const auto file = folder_.run(name_of(cell), cell.seed) / "training.json";
    try {
      return nlohmann::json::parse(read_text(file)).value("peak_memory_mb", int64_t{0});
    } catch (const std::exception&) {
      return 0;  // then it is not known
    }
  }

  const std::string& name_of(const Cell& cell) const { return plan_.variants[cell.variant].name; }
  std::string text_of(const Cell& cell) const {
    return name_of(cell) + " seed " + std::to_string(cell.seed);
  }

  bool may_start() const {
    if (waiting_.empty() || static_cast<int64_t>(running_.size()) >= options_.jobs) return false;
    if (options_.budget_s && elapsed_s() >= *options_.budget_s) return false;
    if (!options_.ask_memory || running_.empty()) return true;
    MemoryUse use{available_memory_mb(), need_mb_, {}, true};
    for (const auto& one : running_) {
      use.running_mb.push_back(one.process->memory_mb());
      std::error_code ignored;
      const auto log = folder_.run(name_of(one.cell), one.cell.seed) / "metrics.jsonl";
      use.all_at_work = use.all_at_work && fs::file_size(log, ignored) > 0 && !ignored;
    }
    return has_room(use);
  }

  std::vector<std::string> command(const Cell& cell, CellState state) const {
    const auto run = folder_.run(name_of(cell), cell.seed).string();
    std::vector<std::string> words;
    if (state == CellState::kMissing) {
      words = {"train", folder_.recipe(name_of(cell)).string(), "-o", run,
               "seed=" + std::to_string(cell.seed)};
    } else if (state == CellState::kBegun) {
      words = {"train", "--resume", run};
    } else {
      words = {"eval", run, "--split", plan_.split};
    }
    words.push_back("--quiet");
    words.insert(words.end(), {"--device", options_.watch.device});
    return words;
  }

  void start(const Cell& cell) {
    const auto state = folder_.state(plan_, cell);
    if (state == CellState::kDone) return finish(cell);
    const auto words = command(cell, state);
    const auto log = folder_.log(name_of(cell), cell.seed);
    AppendFile(log, AppendFile::Start::kContinue).append("$ braid " + join(words, " ") + "\n");
    running_.push_back({cell, state,
                        std::make_unique<CellProcess>(options_.program, words, log,
                                                      plan_.threads)});
    changed_ = true;
  }

  void finish(const Cell& cell) {
    need_mb_ = std::max(need_mb_, peak_of(cell));
    ++done_;
    changed_ = true;
  }

  // Takes in processes that ended; a trained cell goes on to its evaluation at once.
  void collect() {
    std::vector<Running> ended;
    for (size_t i = 0; i < running_.size();) {
      if (running_[i].process->running()) {
        ++i;
        continue;
      }
      ended.push_back(std::move(running_[i]));
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (const auto& one : ended) {
      const auto state = folder_.state(plan_, one.cell);
      const int status = one.process->status();
      if (state == CellState::kDone && status == 0) {
        finish(one.cell);
      } else if (stopped()) {
        continue;
      } else if (status != 0 || state <= one.from) {
        fail(one.cell, status);
      } else {
        start(one.cell);
      }
    }
  }

  void fail(const Cell& cell, int status) {
    const auto log = folder_.log(name_of(cell), cell.seed);
    const auto plain = status > 128 ? "ended by signal " + std::to_string(status - 128)
                                    : "ended with status " + std::to_string(status);
    auto message = plain;
    for (const auto& line : split(read_text(log), '\n')) {  // what the last process said counts
      if (line.starts_with("$ braid ")) message = plain;
      if (line.starts_with("braid: ")) message = line.substr(7);
    }
    sitting_.failed.push_back({cell, status, message, log});
    changed_ = true;
    if (options_.watch.sink) {
      options_.watch.sink({.stage = "compare",
                           .note = text_of(cell) + " failed: " + message + " (" + log.string() + ")",
                           .notice = true});
    }
  }

  // Each is asked once; a second Ctrl-C ends this process and, with it, them.
  void end_all() {
    for (const auto& one : running_) one.process->interrupt();
    while (!running_.empty()) {
      collect();
      std::this_thread::sleep_for(kPoll);
    }
  }

  Progress progress() const {
    Progress p{.stage = "compare", .unit = "cell", .done = done_, .total = total_};
    const auto here = static_cast<double>(done_ - before_);
    p.rate = elapsed_s() > 0 ? here / elapsed_s() : 0;
    const auto left = static_cast<double>(total_ - done_) -
                      static_cast<double>(sitting_.failed.size());
    p.eta_s = p.rate > 0 ? left / p.rate : 0;
    std::vector<std::string> names;
    for (const auto& one : running_) names.push_back(text_of(one.cell));
    p.note = join(names, ", ");
    return p;
  }

  void tell(bool now) {
    if (!options_.watch.sink) return;
    if (!now && !changed_ && Clock::now() - told_ < kTellEvery) return;
    changed_ = false;
    told_ = Clock::now();
    options_.watch.sink(progress());
  }

  void tell_end() {
    if (!options_.watch.sink) return;
    auto p = progress();
    p.finished = true;
    options_.watch.sink(p);
  }

  const StudyFolder& folder_;
  const StudyPlan& plan_;
  const RunnerOptions& options_;
  Clock::time_point begin_ = Clock::now(), told_ = begin_;
  std::deque<Cell> waiting_;
  std::vector<Running> running_;
  Sitting sitting_;
  int64_t total_ = 0, done_ = 0, before_ = 0, need_mb_ = 0;
  bool changed_ = false;
};

}  // namespace

Sitting run_cells(const StudyFolder& folder, const StudyPlan& plan, const RunnerOptions& options) {
  return Runner(folder, plan, options).run();
}

}  // namespace braid
