// JSON: rows [[0, 1.5], [1, null]], [1, 2, 3], [{"t": 0, "x": 1}, ...], an object of columns
// {"t": [0, 1], "x": [1, null]}, or a row on each line. Read as events, so that memory is what the
// numbers need.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/modality/series/readers.h"

namespace braid {
namespace {

using Json = nlohmann::json;
constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void refuse_series_json(const std::string& what) {
  throw Error(ErrorCode::kInput, "series: JSON: " + what);
}

// Rows or columns as they come.
class RecordingSax {
 public:
  explicit RecordingSax(const RecordingLimits& limits) : limits_(limits) {}

  bool null() { return number(kNoValue); }
  bool boolean(bool value) { return number(value ? 1 : 0); }
  bool number_integer(int64_t value) { return number(static_cast<double>(value)); }
  bool number_unsigned(uint64_t value) { return number(static_cast<double>(value)); }
  bool number_float(double value, const std::string&) { return number(value); }
  bool string(const std::string& value) {
    if (value.empty() || value == "NaN" || value == "nan" || value == "NA") return number(kNoValue);
    refuse_series_json("expected a number or null, got '" + value.substr(0, 40) + "' at step " +
                       std::to_string(steps_));
  }
  bool binary(const Json::binary_t&) { return false; }

  bool start_object(size_t) { return start(Level::kNamed); }
  bool end_object() { return end(); }
  bool start_array(size_t) { return start(Level::kListed); }
  bool end_array() { return end(); }

  bool key(const std::string& name) {
    const auto known = numbers_.find(name);
    place_ = known == numbers_.end() ? add_column(name) : known->second;
    if (filled_[place_] == stamp_)
      refuse_series_json("key '" + name.substr(0, 40) + "' stands twice");
    filled_[place_] = stamp_;
    return true;
  }

  bool parse_error(size_t at, const std::string&, const Json::exception&) {
    refuse_series_json("not valid at byte " + std::to_string(at));
  }

  // Each line is a row of its own, inside one list that nobody wrote.
  void as_lines() { levels_.push_back(Level::kListed); }

  Recording take() {
    if (columns_of_lists_) {
      for (size_t i = 1; i < out_.columns.size(); ++i) {
        if (out_.columns[i].size() == out_.columns[0].size()) continue;
        refuse_series_json("column '" + out_.names[i] + "' has " +
                           std::to_string(out_.columns[i].size()) + " steps, '" + out_.names[0] +
                           "' has " + std::to_string(out_.columns[0].size()));
      }
    }
    return std::move(out_);
  }

 private:
  enum class Level { kNamed, kListed };

  bool start(Level level) {
    if (levels_.size() == 2 ||
        (levels_.size() == 1 && levels_[0] == Level::kNamed && level == Level::kNamed)) {
      refuse_series_json("nested deeper than rows or columns of numbers");
    }
    if (levels_.empty() && level == Level::kNamed) {
      columns_of_lists_ = true;
      ++stamp_;
    } else if (levels_.size() == 1 && levels_[0] == Level::kListed) {
      begin_row(level);
    }
    levels_.push_back(level);
    return true;
  }

  bool end() {
    const Level level = levels_.back();
    levels_.pop_back();
    if (levels_.size() == 1 && levels_[0] == Level::kListed) end_row(level);
    return true;
  }

  void begin_row(Level level) {
    ++stamp_;
    place_ = 0;
    if (steps_ > 0 && level != row_level_)
      refuse_series_json("rows of lists and of objects are mixed");
    row_level_ = level;
    if (!out_.columns.empty()) grow(out_.columns.size(), steps_ + 1);
    if (level == Level::kNamed) {
      for (auto& column : out_.columns) column.push_back(kNoValue);
    }
    ++steps_;
  }

  void end_row(Level level) {
    if (level == Level::kListed && place_ != out_.columns.size()) {
      refuse_series_json("row " + std::to_string(steps_ - 1) + " has " + std::to_string(place_) +
                         " numbers, the first " + std::to_string(out_.columns.size()));
    }
  }

  bool number(double value) {
    value = usable_number(value);
    if (levels_.empty()) refuse_series_json("expected rows or columns, got one number");
    if (levels_.size() == 1 && levels_[0] == Level::kNamed) {
      refuse_series_json("column '" + out_.names[place_] + "': expected a list of numbers");
    }
    if (levels_.size() == 1) {  // a row of one number
      begin_row(Level::kListed);
      in_row(value);
      end_row(Level::kListed);
    } else if (levels_[0] == Level::kNamed) {
      auto& column = out_.columns[place_];
      grow(out_.columns.size(), column.size() + 1);
      column.push_back(value);
    } else if (levels_[1] == Level::kNamed) {
      out_.columns[place_].back() = value;
    } else {
      in_row(value);
    }
    return true;
  }

  void in_row(double value) {
    if (place_ == out_.columns.size()) {
      if (steps_ > 1) {
        refuse_series_json("row " + std::to_string(steps_ - 1) +
                           " has more numbers than the first, " +
                           std::to_string(out_.columns.size()));
      }
      add_column(std::to_string(place_));
      out_.columns.back().clear();
    }
    out_.columns[place_++].push_back(value);
  }

  size_t add_column(const std::string& name) {
    grow(out_.columns.size() + 1, std::max<size_t>(1, steps_));
    numbers_.emplace(name, out_.columns.size());
    out_.names.push_back(name);
    out_.columns.emplace_back(steps_, kNoValue);
    filled_.push_back(0);
    return out_.columns.size() - 1;
  }

  void grow(size_t columns, size_t steps) const { check_recording_size(columns, steps, limits_); }

  RecordingLimits limits_;
  Recording out_;
  std::vector<Level> levels_;
  std::unordered_map<std::string, size_t> numbers_;  // of columns, by name
  std::vector<uint64_t> filled_;                     // the row that last gave each column
  uint64_t stamp_ = 0;                               // of the row or object being read
  size_t steps_ = 0, place_ = 0;
  Level row_level_ = Level::kListed;
  bool columns_of_lists_ = false;
};

// More than one value, the first of them on one line.
bool is_series_lines(std::string_view text) {
  const size_t end = text.find('\n');
  return end != text.npos && !trim(text.substr(end)).empty() && Json::accept(text.substr(0, end));
}

}  // namespace

void check_recording_size(uint64_t columns, uint64_t steps, const RecordingLimits& limits) {
  if (columns > static_cast<uint64_t>(limits.max_columns)) {
    throw Error(ErrorCode::kLimit, "series: " + std::to_string(columns) +
                                       " columns or more: expected at most " +
                                       std::to_string(limits.max_columns));
  }
  if (steps > static_cast<uint64_t>(limits.max_values) / std::max<uint64_t>(1, columns)) {
    throw Error(ErrorCode::kLimit, "series: " + std::to_string(steps) + " steps or more of " +
                                       std::to_string(columns) + " columns: expected at most " +
                                       std::to_string(limits.max_values) + " numbers (max_values)");
  }
}

Recording read_json_recording(std::string_view text, const RecordingLimits& limits) {
  text = trim(text);
  RecordingSax sax(limits);
  if (!is_series_lines(text)) {
    Json::sax_parse(text, &sax);
    return sax.take();
  }
  sax.as_lines();
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const auto line = text.substr(begin, end - begin);
    if (!trim(line).empty()) Json::sax_parse(line, &sax);
    begin = end + 1;
  }
  return sax.take();
}

}  // namespace braid
