// Progress as data: the library reports, the program draws.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace braid {

struct Progress {
  std::string stage;  // "train", "embed"
  std::string unit;   // "step", "item"
  int64_t done = 0;
  int64_t total = 0;  // 0 when not known
  double rate = 0;    // units a second, smoothed
  double eta_s = 0;   // seconds left, 0 when not known
  std::string note;   // "loss 2.31"
  bool finished = false;
  bool notice = false;  // no count: a note to be read, of the stage
};

// Called from the thread that works, at most about ten times a second. Empty = nobody listens.
using ProgressSink = std::function<void(const Progress&)>;

// Counts units of one stage and turns them into rate and ETA. One thread.
class Meter {
 public:
  // `total` 0 = not known; `start` units were done before (a resumed run).
  Meter(ProgressSink sink, std::string stage, std::string unit, int64_t total, int64_t start = 0);

  void advance(int64_t units, std::string note = "");
  void finish(std::string note = "");

 private:
  void report(bool finished);

  using Clock = std::chrono::steady_clock;
  ProgressSink sink_;
  Progress now_;
  int64_t start_;
  Clock::time_point begin_;
  Clock::time_point shown_;
};

// Set from a signal handler (it is lock-free), read between steps.
class StopFlag {
 public:
  void request() { stop_.store(true, std::memory_order_relaxed); }
  bool requested() const { return stop_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> stop_{false};
};

}  // namespace braid
