// What lies in a folder.
#pragma once

#include <filesystem>
#include <vector>

namespace braid {

// Sorted by name. Throws Error(kNotFound), Error(kIo) for what the system refuses.
std::vector<std::filesystem::directory_entry> list_folder(const std::filesystem::path& folder);

}  // namespace braid
