#include "braid/data/windows.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "braid/core/config.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/modality/series/recording.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

std::string seconds_text(double seconds) {
  std::ostringstream text;
  text << seconds << " s";
  return text.str();
}

constexpr uint64_t kLongestFile = uint64_t{1} << 30;
constexpr RecordingLimits kLimits{.max_values = int64_t{1} << 26};
constexpr double kMostWindows = 1e6;
constexpr double kRounding = 1e-9;  // seconds: ends of windows that are sums

struct Stretch {
  std::string split;
  double begin = 0, end = 0;
  int64_t rows = 0;
};

[[noreturn]] void refuse_windows(const std::string& why) {
  throw Error(ErrorCode::kUsage, "windows: " + why);
}

void check_windows(const WindowsConfig& c) {
  if (c.recordings.empty()) refuse_windows("expected recordings, such as speed=speed.csv");
  std::set<std::string> columns = {"key", "split", "begin_s"};
  for (const auto& [column, file] : c.recordings) {
    if (column.empty() || !columns.insert(column).second)
      refuse_windows("column '" + column +
                     "': expected names that differ, not key, split, begin_s");
  }
  for (const double positive : {c.seconds, c.every, c.time_unit_s, c.sample_rate}) {
    if (!(positive > 0) || !std::isfinite(positive))
      refuse_windows("seconds, every, unit and rate: expected numbers above 0, got " +
                     number_text(positive));
  }
  double sum = 0;
  for (const auto& [split, share] : c.splits) {
    if (!(share > 0)) refuse_windows("split " + split + ": expected a share above 0");
    sum += share;
  }
  if (sum > 1 + kRounding) refuse_windows("shares of the splits: expected a sum of at most 1");
}

Recording read_one(const WindowsConfig& c, const std::filesystem::path& file) {
  try {
    auto recording = read_recording(read_file(file, kLongestFile), kLimits);
    set_clock(recording, c.time, c.time_unit_s, c.sample_rate);
    if (recording.steps() == 0) throw Error(ErrorCode::kInput, "no step");
    return recording;
  } catch (const Error& problem) {
    const std::string what = problem.what();
    if (what.find(file.string()) != what.npos) throw;
    throw Error(problem.code(), file.string() + ": " + what);
  }
}

std::vector<Stretch> stretches(const WindowsConfig& c, double begin, double end) {
  if (c.splits.empty()) return {{"", begin, end}};
  std::vector<Stretch> all;
  double at = begin;
  for (const auto& [split, share] : c.splits) {
    all.push_back({split, at, at + share * (end - begin)});
    at = all.back().end;
  }
  return all;
}

// Steps [begin, end) as columns.
Json steps_between(const Recording& recording, double begin, double end, const std::string& time) {
  const auto& times = recording.times;
  const auto first = std::lower_bound(times.begin(), times.end(), begin - kRounding);
  const auto last = std::lower_bound(first, times.end(), end - kRounding);
  if (first == last) return nullptr;
  Json cell;
  cell[time] = std::vector<double>(first, last);
  for (size_t c = 0; c < recording.columns.size(); ++c) {
    auto& values = cell[recording.names[c]] = Json::array();
    for (auto at = first; at != last; ++at) {
      const double value = recording.columns[c][static_cast<size_t>(at - times.begin())];
      values.push_back(std::isnan(value) ? Json() : Json(value));
    }
  }
  return cell;
}

std::string row_key(int64_t number) {
  auto digits = std::to_string(number);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  return digits;
}

}  // namespace

WindowsSummary cut_windows(const WindowsConfig& config) {
  check_windows(config);
  const std::string time = config.time.empty() ? "t" : config.time;
  std::vector<Recording> recordings;
  double begin = -INFINITY, end = INFINITY;
  for (const auto& [column, file] : config.recordings) {
    recordings.push_back(read_one(config, file));
    begin = std::max(begin, recordings.back().times.front());
    end = std::min(end, recordings.back().times.back());
  }
  if ((end - begin) / config.every > kMostWindows)
    refuse_windows("more than a million: expected a larger --every");
  std::string manifest;
  int64_t number = 0;
  auto parts = stretches(config, begin, end);
  for (auto& part : parts) {
    for (int64_t i = 0;; ++i) {
      const double from = part.begin + static_cast<double>(i) * config.every;
      if (from + config.seconds > part.end + kRounding) break;
      Json row{{"key", row_key(number++)}};
      if (!part.split.empty()) row["split"] = part.split;
      row["begin_s"] = std::round((from - begin) * 1e6) / 1e6;
      for (size_t r = 0; r < recordings.size(); ++r)
        row[config.recordings[r].first] =
            steps_between(recordings[r], from, from + config.seconds, time);
      manifest += row.dump() + "\n";
      ++part.rows;
    }
  }
  if (number == 0) {
    throw Error(ErrorCode::kInput, "windows: the recordings share " +
                                       seconds_text(std::max(0.0, end - begin)) +
                                       ": no window of " + seconds_text(config.seconds) +
                                       " fits into a split");
  }
  if (config.output.has_parent_path()) make_folder(config.output.parent_path());
  write_atomic(config.output, manifest);
  WindowsSummary summary{end - begin, {}};
  for (const auto& part : parts) summary.rows.emplace_back(part.split, part.rows);
  return summary;
}

}  // namespace braid
