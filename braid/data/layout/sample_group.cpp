#include "braid/data/layout/sample_group.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/data/media_kind.h"

namespace braid {

MemberName split_member_name(std::string_view name, const std::string& tar) {
  if (!valid_utf8(name)) throw Error(ErrorCode::kInput, tar + ": a member's name is not UTF-8");
  const size_t leaf = name.rfind('/') == name.npos ? 0 : name.rfind('/') + 1;
  const size_t dot = name.find('.', leaf);
  if (dot == name.npos || dot == leaf || dot + 1 == name.size()) {
    throw Error(ErrorCode::kInput, tar + ": member '" + std::string(name) +
                                       "' belongs to no sample: expected KEY.EXTENSION");
  }
  return {name.substr(0, dot), name.substr(dot + 1)};
}

bool is_hidden_member(std::string_view name) {
  return name.substr(name.rfind('/') + 1).starts_with('.');
}

bool is_inline_column(std::string_view column) {
  return column == "json" || column == "txt" || column == "cls";
}

bool is_picture_column(std::string_view column) {
  return media_kind("." + std::string(column)) == "picture";
}

Row text_cell(std::string_view content, const std::string& where) {
  if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);
  if (content.find('\0') != content.npos)
    throw Error(ErrorCode::kInput, where + ": a NUL byte: not a text file?");
  if (!valid_utf8(content)) throw Error(ErrorCode::kInput, where + ": not UTF-8 text");
  Row lines = Row::array();
  for (const auto& line : split(std::string(content), '\n')) {
    const auto text = trim(line);
    if (!text.empty()) lines.push_back(std::string(text));
  }
  if (lines.empty()) return Row();
  return lines.size() == 1 ? Row(lines[0]) : lines;
}

Row sample_row(const std::vector<SampleMember>& members, const std::string& tar) {
  Row row = Row::object();
  std::string key;
  for (const auto& member : members) {
    const auto name = split_member_name(member.name, tar);
    key = name.key;
    if (name.column == "json") row = parse_row(member.content, tar + "#" + member.name);
  }
  const auto add = [&](const std::string& column, Row value) {
    if (!row.contains(column)) row[column] = std::move(value);
  };
  add("__key__", key);
  for (const auto& member : members) {
    const auto name = split_member_name(member.name, tar);
    if (name.column == "json") continue;
    Row value = is_inline_column(name.column) ? text_cell(member.content, tar + "#" + member.name)
                                              : Row(member.name);
    if (is_picture_column(name.column)) add("image", value);
    if (name.column == "txt") add("text", value);
    add(std::string(name.column), std::move(value));
  }
  return row;
}

bool SampleChecker::starts_sample(const MemberName& member) {
  const bool fresh = member.key != key_ || columns_.empty();
  if (fresh) {
    close_sample();
    key_ = member.key;
    if (!keys_.insert(key_).second) {
      throw Error(ErrorCode::kInput, tar_ + ": sample '" + key_ +
                                         "' stands twice: members of a sample must follow each "
                                         "other (tar --sort=name packs them so)");
    }
  }
  if (!columns_.insert(std::string(member.column)).second) {
    throw Error(ErrorCode::kInput,
                tar_ + ": member '" + key_ + "." + std::string(member.column) + "' stands twice");
  }
  return fresh;
}

void SampleChecker::close_sample() {
  if (columns_.empty()) return;
  const bool picture = std::any_of(columns_.begin(), columns_.end(),
                                   [](const auto& column) { return is_picture_column(column); });
  const bool text = columns_.contains("txt");
  any_picture_ |= picture;
  any_text_ |= text;
  if (!picture && without_picture_.empty()) without_picture_ = key_;
  if (!text && without_text_.empty()) without_text_ = key_;
  columns_.clear();
}

void SampleChecker::finish() {
  close_sample();
  if (keys_.empty()) throw Error(ErrorCode::kInput, tar_ + ": no samples");
  if (keep_unpaired_) return;
  const auto refuse = [&](const std::string& key, const char* what) {
    throw Error(ErrorCode::kInput, tar_ + ": sample '" + key + "' has no " + what +
                                       ", others have (data.keep_unpaired takes it with a gap)");
  };
  if (any_picture_ && !without_picture_.empty()) refuse(without_picture_, "picture");
  if (any_text_ && !without_text_.empty()) refuse(without_text_, ".txt");
}

}  // namespace braid
