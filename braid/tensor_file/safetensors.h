// safetensors: names -> arrays, and a string map of metadata. Read by mmap, written atomically.
// Format: u64 little-endian N, N bytes of JSON, then the bytes; see docs of huggingface/safetensors.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/array.h"

namespace braid {

struct TensorFile {
  std::vector<std::pair<std::string, Array>> tensors;  // in the order of the file
  std::map<std::string, std::string> metadata;

  const Array* find(const std::string& name) const;
};

// Throws Error(kNotFound), Error(kInput) naming the tensor and the byte counts, never reads past the
// end. Arrays are views of the mapping and keep it alive.
TensorFile read_safetensors(const std::filesystem::path& path);

// Same content -> same bytes. Throws Error(kIo).
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace braid
