#include "braid/tensor_file/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "braid/core/error.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_to_map(const fs::path& path, int reason) {
  const auto code = reason == ENOENT || reason == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo;
  throw Error(code, path.string() + ": cannot read: " + std::strerror(reason));
}

std::shared_ptr<const std::byte> map_descriptor(const fs::path& path, int fd, MapAccess access,
                                                uint64_t* size) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) fail_to_map(path, errno);
  if (!S_ISREG(info.st_mode)) {
    throw Error(ErrorCode::kIo, path.string() + ": expected a regular file");
  }
  *size = static_cast<uint64_t>(info.st_size);
  if (*size == 0) return std::make_shared<const std::byte>();  // mmap refuses length 0
  const size_t length = static_cast<size_t>(*size);
  // No reserve: a private mapping of a file as large as the memory is fine while nobody writes.
  const int protection = access == MapAccess::kRead ? PROT_READ : PROT_READ | PROT_WRITE;
  void* memory = ::mmap(nullptr, length, protection, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
  if (memory == MAP_FAILED) fail_to_map(path, errno);
  return {static_cast<const std::byte*>(memory),
          [memory, length](const std::byte*) { ::munmap(memory, length); }};
}

}  // namespace

MappedFile::MappedFile(const fs::path& path, MapAccess access) {
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) fail_to_map(path, errno);
  try {
    bytes_ = map_descriptor(path, fd, access, &size_);
  } catch (...) {
    ::close(fd);
    throw;
  }
  ::close(fd);
}

Array MappedFile::array(DType dtype, std::vector<int64_t> shape, uint64_t offset) const {
  const std::byte* begin = bytes_.get() + offset;
  Array result = Array::view(dtype, std::move(shape), {bytes_, begin});
  if (dtype == DType::kBool) {
    const auto bad = std::find_if(begin, begin + result.byte_size(),
                                  [](std::byte b) { return b > std::byte{1}; });
    if (bad != begin + result.byte_size()) {
      throw Error(ErrorCode::kInput, "a bool at byte " + std::to_string(bad - bytes_.get()) +
                                         " is " + std::to_string(std::to_integer<int>(*bad)) +
                                         ", expected 0 or 1");
    }
  }
  if (reinterpret_cast<uintptr_t>(begin) % dtype_size(dtype) == 0) return result;
  Array copy(dtype, result.shape());
  std::memcpy(copy.mutable_bytes(), begin, result.byte_size());
  return copy;
}

}  // namespace braid
