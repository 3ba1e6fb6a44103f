#include "braid/data/column_audit.h"

#include <xxhash.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "braid/data/media_kind.h"
#include "braid/core/reference.h"

namespace braid {
namespace {

constexpr size_t kExamples = 3;
constexpr size_t kMaxName = 1024;

// The kind of file that a text names, or "".
std::string file_kind(const std::string& text) {
  if (text.size() > kMaxName || text.find('\n') != text.npos) return "";
  // "photos.tar#cat/1.jpg" is a picture, a row of an array file what its array holds: unknown.
  const auto reference = split_reference(text);
  if (reference && !is_tar_name(reference->file)) return "file";
  return media_kind(text);
}

int64_t characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

bool is_missing(const Row& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
}

}  // namespace

ColumnCounter::Column& ColumnCounter::column(const std::string& name) {
  const auto [place, fresh] = places_.emplace(name, columns_.size());
  if (fresh) columns_.emplace_back().audit.name = name;
  return columns_[place->second];
}

void ColumnCounter::add(const Row& row) {
  ++rows_;
  for (const auto& name : cell_names(row)) {
    Column& to = column(name);
    const Row& cell = *find_cell(row, name);
    const int64_t before = to.audit.values;
    if (cell.is_array()) {
      to.audit.list = true;
      for (const auto& item : cell) add_value(item, to);
    } else {
      add_value(cell, to);
    }
    const int64_t count = to.audit.values - before;
    if (count == 0) continue;
    to.audit.least = to.rows ? std::min(to.audit.least, count) : count;
    to.audit.most = std::max(to.audit.most, count);
    ++to.rows;
  }
}

void ColumnCounter::add_value(const Row& value, Column& to) {
  if (is_missing(value) || (value.is_object() && value.empty())) return;
  auto& audit = to.audit;
  const bool first = audit.values++ == 0;
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (static_cast<int64_t>(to.seen.size()) < ColumnAudit::kMaxDistinct &&
      to.seen.insert(XXH3_64bits(text.data(), text.size())).second &&
      audit.examples.size() < kExamples) {
    audit.examples.push_back(text);
  }
  if (value.is_number()) {
    const double number = value.get<double>();
    audit.low = to.numbers ? std::min(audit.low, number) : number;
    audit.high = to.numbers ? std::max(audit.high, number) : number;
    ++to.numbers;
  } else if (value.is_boolean()) {
    ++to.truths;
  } else if (value.is_structured()) {
    ++to.nested;
  } else {
    ++to.texts;
    if (const auto kind = file_kind(text); !kind.empty()) ++to.file_kinds[kind];
  }
  const int64_t length = characters(text);
  audit.shortest = first ? length : std::min(audit.shortest, length);
  audit.longest = std::max(audit.longest, length);
}

std::string ColumnCounter::kind_of(const Column& column) {
  const int64_t values = column.audit.values;
  if (values == 0) return "empty";
  if (column.nested) return "nested";
  if (column.numbers == values) return "number";
  if (column.truths == values) return "true/false";
  if (column.texts < values) return "mixed";
  int64_t files = 0;
  const std::pair<const std::string, int64_t>* most = nullptr;
  for (const auto& kind : column.file_kinds) {
    files += kind.second;
    if (!most || kind.second > most->second) most = &kind;
  }
  if (files * 10 < values * 9) return "text";  // a caption may end in "a.png" now and then
  return most->second == files ? most->first : "file";
}

std::vector<ColumnAudit> ColumnCounter::finish() const {
  std::vector<ColumnAudit> audits;
  for (const auto& column : columns_) {
    auto& audit = audits.emplace_back(column.audit);
    audit.kind = kind_of(column);
    audit.missing = rows_ - column.rows;
    audit.distinct = static_cast<int64_t>(column.seen.size());
  }
  return audits;
}

}  // namespace braid
