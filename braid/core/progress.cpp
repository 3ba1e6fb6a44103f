#include "braid/core/progress.h"

#include <algorithm>

namespace braid {

Meter::Meter(ProgressSink sink, std::string stage, std::string unit, int64_t total, int64_t start)
    : sink_(std::move(sink)), start_(start), begin_(Clock::now()), shown_(begin_) {
  now_.stage = std::move(stage);
  now_.unit = std::move(unit);
  now_.total = total;
  now_.done = start;
}

void Meter::advance(int64_t units, std::string note) {
  now_.done += units;
  if (!note.empty()) now_.note = std::move(note);
  if (Clock::now() - shown_ >= std::chrono::milliseconds(100)) report(false);
}

void Meter::finish(std::string note) {
  if (!note.empty()) now_.note = std::move(note);
  report(true);
}

void Meter::report(bool finished) {
  if (!sink_) return;
  shown_ = Clock::now();
  const double elapsed_s = std::chrono::duration<double>(shown_ - begin_).count();
  const auto done_here = static_cast<double>(now_.done - start_);
  now_.rate = elapsed_s > 0 ? done_here / elapsed_s : 0;
  const auto left = static_cast<double>(std::max<int64_t>(0, now_.total - now_.done));
  now_.eta_s = now_.rate > 0 && now_.total > 0 ? left / now_.rate : 0;
  now_.finished = finished;
  sink_(now_);
}

}  // namespace braid
