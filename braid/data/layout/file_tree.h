// The files of a folder and of its folders, as relative names in a fixed order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

class FileTree {
 public:
  // Hidden files and folders (".name") are left out. Throws Error(kNotFound, kIo), Error(kInput)
  // for a folder that is a link (the tree could lead anywhere) and for names that are no UTF-8,
  // Error(kLimit) past 100 million files.
  explicit FileTree(const std::filesystem::path& folder);

  size_t size() const { return ends_.size(); }
  std::string_view name(size_t i) const;  // "cats/1.jpg", sorted by bytes

 private:
  std::string pool_;
  std::vector<uint64_t> ends_;
};

// "cats/1" of "cats/1.jpg"; the extension is what follows the last dot of the last part.
std::string_view stem_of(std::string_view name);

}  // namespace braid
