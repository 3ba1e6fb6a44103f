#include "braid/modality/series/recording.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "braid/core/config.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/modality/series/readers.h"

namespace braid {
namespace {

[[noreturn]] void refuse_clock(const std::string& name, size_t step, const std::string& what) {
  throw Error(ErrorCode::kInput,
              "series: clock '" + name + "' " + what + " at step " + std::to_string(step));
}

void check_clock(const std::string& name, const std::vector<double>& times) {
  for (size_t i = 0; i < times.size(); ++i) {
    if (!std::isfinite(times[i])) {
      refuse_clock(name, i, "has no number");
    }
    if (i > 0 && times[i] < times[i - 1]) {
      refuse_clock(name, i,
                   "runs backwards: " + number_text(times[i]) + " after " +
                       number_text(times[i - 1]) + ", expected times that never fall,");
    }
  }
}

// Rows of one time become one row.
void merge_equal_times(Recording& recording) {
  auto& times = recording.times;
  size_t kept = 0;
  for (size_t i = 0; i < times.size(); ++i) {
    const bool again = i > 0 && times[i] == times[kept - 1];
    if (!again) times[kept++] = times[i];
    for (auto& column : recording.columns) {
      if (!again || !std::isnan(column[i])) column[kept - 1] = column[i];
    }
  }
  times.resize(kept);
  for (auto& column : recording.columns) column.resize(kept);
}

bool is_blank_series(std::string_view text) { return trim(text).empty(); }

}  // namespace

Recording read_recording(std::span<const std::byte> bytes, const RecordingLimits& limits) {
  const std::string_view text = as_text(bytes);
  if (bytes.empty()) throw Error(ErrorCode::kInput, "series: is empty, expected one step or more");
  Recording recording;
  if (text.starts_with("\x93NUM")) {
    recording = read_npy_recording(bytes, limits);
  } else {
    if (text.find('\0') != text.npos || !valid_utf8(text)) {
      throw Error(ErrorCode::kInput, "series: is neither .npy nor UTF-8 text (CSV or JSON)");
    }
    if (is_blank_series(text)) {
      throw Error(ErrorCode::kInput, "series: is empty, expected one step or more");
    }
    const char first = trim(text).front();
    recording = first == '{' || first == '[' ? read_json_recording(text, limits)
                                             : read_csv_recording(text, limits);
  }
  if (recording.columns.empty() || recording.columns[0].empty()) {
    throw Error(ErrorCode::kInput, "series: has no step, expected one or more");
  }
  return recording;
}

void set_clock(Recording& recording, const std::string& time, double unit_s, double sample_rate) {
  if (time.empty()) {
    recording.times.resize(recording.columns.at(0).size());
    for (size_t i = 0; i < recording.times.size(); ++i) {
      recording.times[i] = static_cast<double>(i) / sample_rate;
    }
    return;
  }
  const auto at = static_cast<std::ptrdiff_t>(find_column(recording, time));
  recording.times = std::move(recording.columns[static_cast<size_t>(at)]);
  recording.columns.erase(recording.columns.begin() + at);
  recording.names.erase(recording.names.begin() + at);
  for (double& t : recording.times) t *= unit_s;
  check_clock(time, recording.times);
  merge_equal_times(recording);
}

size_t find_column(const Recording& recording, const std::string& name) {
  const auto& names = recording.names;
  const auto same = std::find(names.begin(), names.end(), name);
  if (same != names.end()) return static_cast<size_t>(same - names.begin());
  std::vector<size_t> tails;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].ends_with("." + name)) tails.push_back(i);
  }
  if (tails.size() == 1) return tails[0];
  const size_t shown = std::min<size_t>(names.size(), 20);
  throw Error(ErrorCode::kInput, "series: " + std::string(tails.empty() ? "no" : "more than one") +
                                     " column '" + name + "'" + did_you_mean(name, names) +
                                     "; there are: " + join(std::span(names).first(shown), ", ") +
                                     (shown < names.size() ? ", ..." : ""));
}

}  // namespace braid
