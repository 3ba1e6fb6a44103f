// A whole file as memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "braid/core/array.h"

namespace braid {

// kPrivate: memory of one's own over the file's bytes; what is written there stays in this process
// and costs a page each.
enum class MapAccess { kRead, kPrivate };

// Copies share the mapping, which lives as long as any of them or any array made from it. A file
// that is replaced by rename stays readable here; one that is cut short in place does not (SIGBUS),
// so whoever writes such files writes them anew.
class MappedFile {
 public:
  // Throws Error(kNotFound), Error(kIo) for a folder, a pipe or what the system refuses.
  explicit MappedFile(const std::filesystem::path& path, MapAccess access = MapAccess::kRead);

  uint64_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return {bytes_.get(), static_cast<size_t>(size_)}; }

  // The array that starts at `offset`; the caller has checked that it ends inside the file. A view,
  // or a copy where the file holds it at an address its type must not have.
  // Throws Error(kInput) for a bool that is neither 0 nor 1.
  Array array(DType dtype, std::vector<int64_t> shape, uint64_t offset) const;

 private:
  std::shared_ptr<const std::byte> bytes_;
  uint64_t size_ = 0;
};

}  // namespace braid
