// metrics.jsonl: one JSON object a line, {"step": 20, "epoch": 0.5, "wall_s": 3.1, "loss": 4.7,
// ...}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "braid/report/append_file.h"
#include "braid/report/report.h"

namespace braid {

struct LogEntry {
  int64_t step = 0;
  double epoch = 0;
  double wall_s = 0;  // since the start of the run, earlier sittings included
  std::vector<std::pair<std::string, double>> values;  // null in the file = NaN, as for infinity
};

class MetricsLog {
 public:
  // Keeps the lines of `path` up to `last_step` and drops later ones and a torn last one,
  // atomically; -1 starts an empty log. Throws Error(kIo), and as read_metrics_log.
  explicit MetricsLog(const std::filesystem::path& path, int64_t last_step = -1);

  // Adds a line, handed to the system before it returns. Throws Error(kIo); Error(kInput) for a
  // value called step, epoch or wall_s.
  void write(const LogEntry& entry);

 private:
  AppendFile file_;
};

// All whole lines; a last one that a kill tore is left out. Throws Error(kNotFound), and
// Error(kInput) with path:line for any other line that is not such an object.
std::vector<LogEntry> read_metrics_log(const std::filesystem::path& path);

// The values called `name`, over steps.
Curve::Line log_line(const std::vector<LogEntry>& entries, std::string_view name);

}  // namespace braid
