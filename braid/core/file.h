// Files, read with a limit and written so that a crash leaves the old or the new, never a half.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

using Bytes = std::vector<std::byte>;
inline constexpr uint64_t kNoLimit = UINT64_MAX;

// Whole content. Throws Error(kNotFound) naming the path, Error(kLimit) over `limit` bytes,
// Error(kIo) for what the system refuses (a folder, a permission).
Bytes read_file(const std::filesystem::path& path, uint64_t limit = kNoLimit);
std::string read_text(const std::filesystem::path& path, uint64_t limit = kNoLimit);

// Part of a file. Throws as read_file, and Error(kInput) where the file ends too early.
Bytes read_range(const std::filesystem::path& path, uint64_t offset, uint64_t size);

// Writes to a temporary neighbour, syncs it, renames it over `path`, syncs the folder.
// Throws Error(kIo) with the system's reason ("No space left on device"); the old file then stays.
void write_atomic(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_atomic(const std::filesystem::path& path, std::string_view text);

void make_folder(const std::filesystem::path& path);  // with parents; throws Error(kIo)
void sync_path(const std::filesystem::path& path);    // fsync of a file or folder

// 128-bit XXH3 as 32 hex digits: names contents, not meant against forgery.
std::string content_hash(std::span<const std::byte> bytes);
std::string content_hash(std::string_view text);
std::string file_hash(const std::filesystem::path& path);  // streams, any size

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace braid
