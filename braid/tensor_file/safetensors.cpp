#include "braid/tensor_file/safetensors.h"

#include <bit>
#include <cstring>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/tensor_file/atomic_file.h"
#include "braid/tensor_file/mapped_file.h"
#include "braid/tensor_file/safetensors_header.h"

namespace braid {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are mapped as they lie");

TensorFile read_mapped(const MappedFile& mapped) {
  uint64_t length = 0;
  if (mapped.size() < sizeof length) {
    throw Error(ErrorCode::kInput,
                "has " + std::to_string(mapped.size()) + " bytes, too few for a safetensors file");
  }
  std::memcpy(&length, mapped.bytes().data(), sizeof length);
  if (length > kMaxSafetensorsHeader) {
    throw Error(ErrorCode::kLimit,
                "header of " + std::to_string(length) + " bytes, the format allows " +
                    std::to_string(kMaxSafetensorsHeader) + " (is this a safetensors file?)");
  }
  if (length > mapped.size() - sizeof length) {
    throw Error(ErrorCode::kInput, "header of " + std::to_string(length) +
                                       " bytes does not fit into a file of " +
                                       std::to_string(mapped.size()) + " bytes");
  }
  const uint64_t data_begin = sizeof length + length;
  const auto json = as_text(mapped.bytes().subspan(sizeof length, static_cast<size_t>(length)));
  auto header = parse_safetensors_header(json, mapped.size() - data_begin);

  TensorFile file;
  file.metadata = std::move(header.metadata);
  for (auto& entry : header.entries) {
    auto array = mapped.array(entry.dtype, std::move(entry.shape), data_begin + entry.begin);
    file.tensors.emplace_back(std::move(entry.name), std::move(array));
  }
  return file;
}

SafetensorsHeader header_of(const TensorFile& file) {
  SafetensorsHeader header;
  header.metadata = file.metadata;
  uint64_t end = 0;
  for (const auto& [name, array] : file.tensors) {
    if (array.empty()) throw Error(ErrorCode::kInput, "tensor '" + name + "' is an empty Array");
    const uint64_t begin = end;
    end += array.byte_size();
    header.entries.push_back({name, array.dtype(), array.shape(), begin, end});
  }
  return header;
}

}  // namespace

const Array* TensorFile::find(const std::string& name) const {
  for (const auto& [other, array] : tensors) {
    if (other == name) return &array;
  }
  return nullptr;
}

TensorFile read_safetensors(const std::filesystem::path& path, MapAccess access) {
  const MappedFile mapped(path, access);
  try {
    return read_mapped(mapped);
  } catch (const Error& error) {
    throw Error(error.code(), path.string() + ": " + error.what());
  }
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  std::string header;
  try {
    header = format_safetensors_header(header_of(file));
  } catch (const Error& error) {
    throw Error(error.code(), path.string() + ": cannot write: " + error.what());
  }
  const uint64_t length = header.size();
  AtomicFile out(path);
  out.write({reinterpret_cast<const std::byte*>(&length), sizeof length});
  out.write(as_bytes(header));
  for (const auto& [name, array] : file.tensors) out.write({array.bytes(), array.byte_size()});
  out.commit();
}

}  // namespace braid
