// Where an item's bytes lie, as an index keeps it: relative to its folder, "x.tar#member" in a
// container (core/reference.h).
#pragma once

#include <filesystem>
#include <string>

namespace braid {

struct ItemFile {
  std::filesystem::path file;  // empty: the item has none
  std::string member;          // inside the container `file`; empty: the file itself

  std::string text() const { return file.string() + (member.empty() ? "" : "#" + member); }
};

std::string stored_file(const ItemFile& item, const std::filesystem::path& index);
ItemFile located_file(const std::string& stored, const std::filesystem::path& index);

// `path` seen from the folder `from`, both relative to the working folder.
std::string path_seen_from(const std::filesystem::path& path, const std::filesystem::path& from);

}  // namespace braid
