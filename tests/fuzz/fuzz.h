// Shared by the fuzz targets: bytes in, and only braid::Error may come out.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid::fuzz {

// Runs `body`; any other exception than braid::Error is a finding.
template <class Body>
int attempt(Body&& body) {
  try {
    body();
  } catch (const Error&) {
  }
  return 0;
}

inline std::span<const std::byte> bytes_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// A folder of this process for readers that want a path; in memory where the system offers that.
// Removed at the end.
class Folder {
 public:
  Folder() {
    const std::filesystem::path memory = "/dev/shm";
    const bool fast = ::access(memory.c_str(), W_OK) == 0;
    std::string name =
        (fast ? memory : std::filesystem::temp_directory_path()) / "braid_fuzz_XXXXXX";
    if (!::mkdtemp(name.data())) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Replaces `name` by the bytes, and says where it is.
  std::filesystem::path put(const std::string& name, std::span<const std::byte> bytes) const {
    const auto path = path_ / name;
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    return path;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace braid::fuzz
