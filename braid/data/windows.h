// Cuts long recordings (CSV, JSON, .npy; each with its own clock) into windows of time: a manifest
// for fields of modality series.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace braid {

struct WindowsConfig {
  std::vector<std::pair<std::string, std::filesystem::path>> recordings;  // column, file
  std::string time;        // column of times, in each of them; "" = sample_rate
  double time_unit_s = 1;  // seconds in one unit of it
  double sample_rate = 1;  // steps a second where there is no time column
  double seconds = 1;      // of a window
  double every = 1;        // seconds from one window's begin to the next one's
  // Stretches of the time, one after another: split, share. Empty = no splits.
  std::vector<std::pair<std::string, double>> splits;
  std::filesystem::path output;  // windows.jsonl
};

struct WindowsSummary {
  double seconds = 0;  // that every recording covers
  std::vector<std::pair<std::string, int64_t>> rows;  // by split, in order
};

// A row for each window of the time that every recording covers: key, split, begin_s (since the
// start of that time), and for each recording the steps within begin <= time < begin + seconds, as
// a JSON object of columns whose time column is called `time`, or "t"; null where there is no step.
// A window lies in one split wholly, so that splits share no moment. Throws Error(kUsage) for
// settings that cannot be, Error(kInput) for a recording that cannot be read, naming it, or where
// no window fits.
WindowsSummary cut_windows(const WindowsConfig& config);

}  // namespace braid
