#include "braid/report/metrics_log.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

using LogJson = nlohmann::ordered_json;

constexpr bool is_position(std::string_view name) {
  return name == "step" || name == "epoch" || name == "wall_s";
}

double number_or_nan(const LogJson& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

std::string entry_text(const LogEntry& entry) {
  LogJson object = {{"step", entry.step}, {"epoch", entry.epoch}, {"wall_s", entry.wall_s}};
  for (const auto& [name, value] : entry.values) {
    if (is_position(name)) {
      throw Error(ErrorCode::kInput, "metrics.jsonl: a value cannot be called '" + name + "'");
    }
    object[name] = value;
  }
  return object.dump(-1, ' ', false, LogJson::error_handler_t::replace) + "\n";
}

// Throws nlohmann's exception for what is no entry.
LogEntry parse_entry(std::string_view line) {
  const auto object = LogJson::parse(line);
  LogEntry entry;
  entry.step = object.at("step").get<int64_t>();
  entry.epoch = number_or_nan(object.at("epoch"));
  entry.wall_s = number_or_nan(object.at("wall_s"));
  for (const auto& [name, value] : object.items()) {
    if (!is_position(name)) entry.values.emplace_back(name, number_or_nan(value));
  }
  return entry;
}

// Calls use(entry, line with its newline) for every whole line.
template <class Use>
void for_each_entry(const std::filesystem::path& path, Use&& use) {
  const auto text = read_text(path);
  size_t begin = 0;
  for (int number = 1; begin < text.size(); ++number) {
    const auto end = text.find('\n', begin);
    if (end == std::string::npos) return;  // torn
    const auto line = std::string_view(text).substr(begin, end + 1 - begin);
    begin = end + 1;
    LogEntry entry;
    try {
      entry = parse_entry(line);
    } catch (const nlohmann::json::exception& error) {
      if (begin == text.size()) return;  // torn: lost power can leave a newline behind garbage
      throw Error(ErrorCode::kInput, path.string() + ":" + std::to_string(number) +
                                         ": expected an object of numbers with step, epoch and "
                                         "wall_s: " +
                                         error.what());
    }
    use(entry, line);
  }
}

const std::filesystem::path& cut_after(const std::filesystem::path& path, int64_t last_step) {
  std::string kept;
  if (last_step >= 0 && std::filesystem::exists(path)) {
    for_each_entry(path, [&](const LogEntry& entry, std::string_view line) {
      if (entry.step <= last_step) kept += line;
    });
  }
  write_atomic(path, kept);
  return path;
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& path, int64_t last_step)
    : file_(cut_after(path, last_step), AppendFile::Start::kContinue) {}

void MetricsLog::write(const LogEntry& entry) { file_.append(entry_text(entry)); }

std::vector<LogEntry> read_metrics_log(const std::filesystem::path& path) {
  std::vector<LogEntry> entries;
  for_each_entry(path,
                 [&](LogEntry& entry, std::string_view) { entries.push_back(std::move(entry)); });
  return entries;
}

Curve::Line log_line(const std::vector<LogEntry>& entries, std::string_view name) {
  Curve::Line line;
  line.name = name;
  for (const auto& entry : entries) {
    for (const auto& [key, value] : entry.values) {
      if (key != name) continue;
      line.x.push_back(static_cast<double>(entry.step));
      line.y.push_back(value);
    }
  }
  return line;
}

}  // namespace braid
