#include "braid/data/cell.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

constexpr int kMaxRowDepth = 64;
constexpr size_t kMaxKeys = 4096;  // of one object; ordered_json looks keys up one by one

// Watches the parser: nlohmann would take the last of two equal keys and nest without end.
class RowGuard {
 public:
  explicit RowGuard(const std::string& where) : where_(where) {}

  bool operator()(int depth, Row::parse_event_t event, Row& parsed) {
    using Event = Row::parse_event_t;
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end) keys_.pop_back();
    if (depth > kMaxRowDepth) {
      fail(ErrorCode::kLimit, "nested deeper than " + std::to_string(kMaxRowDepth) + " levels");
    }
    if (event != Event::key) return true;
    auto& keys = keys_.back();
    if (!keys.insert(parsed.get<std::string>()).second) {
      fail(ErrorCode::kInput, "key '" + parsed.get<std::string>() + "' stands twice in one object");
    }
    if (keys.size() > kMaxKeys) {
      fail(ErrorCode::kLimit, "an object with more than " + std::to_string(kMaxKeys) + " keys");
    }
    return true;
  }

 private:
  void fail(ErrorCode code, const std::string& message) const {
    throw Error(code, where_ + ": " + message);
  }

  const std::string& where_;
  std::vector<std::unordered_set<std::string>> keys_;
};

void append_texts(const Row& cell, std::vector<std::string>& out) {
  if (cell.is_null()) return;
  if (cell.is_string()) {
    const auto& text = cell.get_ref<const std::string&>();
    if (!text.empty()) out.push_back(text);
    return;
  }
  out.push_back(cell.dump());
}

void append_names(const Row& object, const std::string& prefix, std::vector<std::string>& out) {
  for (const auto& [key, cell] : object.items()) {
    if (cell.is_object() && !cell.empty()) {
      append_names(cell, prefix + key + ".", out);
    } else {
      out.push_back(prefix + key);
    }
  }
}

// "[json.exception...] parse error at line 1, column 7: reason" without what we say ourselves.
std::string json_reason(const std::string& what) {
  const size_t at = what.find("column ");
  return at == std::string::npos ? what : what.substr(at);
}

}  // namespace

Row parse_row(std::string_view text, const std::string& where) {
  if (text.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::kInput, where + ": a NUL byte: not a text file?");
  }
  if (!valid_utf8(text)) throw Error(ErrorCode::kInput, where + ": not UTF-8 text");
  RowGuard guard(where);
  try {
    auto row = Row::parse(text, [&](int depth, Row::parse_event_t event, Row& parsed) {
      return guard(depth, event, parsed);
    });
    if (!row.is_object()) {
      throw Error(ErrorCode::kInput,
                  where + ": expected one JSON object a line, got " + std::string(row.type_name()));
    }
    return row;
  } catch (const Row::exception& problem) {
    throw Error(ErrorCode::kInput, where + ": not valid JSON: " + json_reason(problem.what()));
  }
}

const Row* find_cell(const Row& row, std::string_view column) {
  if (!row.is_object()) return nullptr;
  const auto whole = row.find(std::string(column));
  if (whole != row.end()) return &*whole;
  for (size_t dot = column.find('.'); dot != std::string_view::npos;
       dot = column.find('.', dot + 1)) {
    const auto child = row.find(std::string(column.substr(0, dot)));
    if (child == row.end()) continue;
    if (const auto* cell = find_cell(*child, column.substr(dot + 1))) return cell;
  }
  return nullptr;
}

std::vector<std::string> cell_texts(const Row& cell) {
  std::vector<std::string> texts;
  if (cell.is_array()) {
    for (const auto& item : cell) append_texts(item, texts);
  } else {
    append_texts(cell, texts);
  }
  return texts;
}

std::vector<std::string> value_texts(const Row& cell) {
  const bool list = cell.is_array() && !cell.empty() && !cell.front().is_string();
  return list ? std::vector<std::string>{cell.dump()} : cell_texts(cell);
}

bool is_plain_cell(const Row& cell) {
  if (!cell.is_array()) return !cell.is_object();
  return std::none_of(cell.begin(), cell.end(),
                      [](const Row& item) { return item.is_structured(); });
}

std::vector<std::string> cell_names(const Row& row) {
  std::vector<std::string> names;
  append_names(row, "", names);
  return names;
}

}  // namespace braid
