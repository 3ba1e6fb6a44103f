#include "braid/index/item_file.h"

#include "braid/core/reference.h"

namespace braid {

namespace fs = std::filesystem;

std::string path_seen_from(const fs::path& path, const fs::path& from) {
  return fs::absolute(path)
      .lexically_normal()
      .lexically_relative(fs::absolute(from).lexically_normal())
      .string();
}

std::string stored_file(const ItemFile& item, const fs::path& index) {
  if (item.file.empty()) return "";
  return path_seen_from(item.file, index) + (item.member.empty() ? "" : "#" + item.member);
}

ItemFile located_file(const std::string& stored, const fs::path& index) {
  if (stored.empty()) return {};
  const auto reference = split_reference(stored);
  return {(index / (reference ? reference->file : stored)).lexically_normal(),
          reference ? reference->member : ""};
}

}  // namespace braid
