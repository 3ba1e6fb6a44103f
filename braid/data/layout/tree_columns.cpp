#include "braid/data/layout/tree_columns.h"

#include <algorithm>
#include <cctype>

#include "braid/data/media_kind.h"

namespace braid {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

}  // namespace

std::string media_column(std::string_view name) {
  const auto kind = media_kind(name);
  return kind == "picture" ? "image" : kind == "sound" ? "audio" : kind == "video" ? "video" : "";
}

bool is_note(std::string_view name) {
  const auto lower = lower_case(name.substr(name.rfind('/') + 1));
  for (const char* begin : {"readme", "license", "licence", "copying", "citation", "notes"}) {
    if (lower.starts_with(begin)) return true;
  }
  return false;
}

std::string split_of_file(std::string_view name) {
  if (name.find('/') == name.npos) return "";
  const auto lower = lower_case(name.substr(0, name.find('/')));
  if (lower == "train" || lower == "training") return "train";
  if (lower == "val" || lower == "valid" || lower == "validation" || lower == "dev") return "val";
  if (lower == "test" || lower == "testing") return "test";
  return "";
}

}  // namespace braid
