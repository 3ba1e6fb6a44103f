// safetensors: names -> arrays, and a string map of metadata. Read by mmap, written atomically.
//
//   u64 little-endian N | N bytes of JSON | the arrays, back to back
//   JSON: {"__metadata__": {"k": "v"}, "name": {"dtype": "F32", "shape": [2], "data_offsets": [0,
//   8]}}
//
// Offsets count from the end of the JSON. Format: docs of huggingface/safetensors.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/array.h"
#include "braid/tensor_file/mapped_file.h"

namespace braid {

struct TensorFile {
  std::vector<std::pair<std::string, Array>> tensors;  // in the order of their bytes in the file
  std::map<std::string, std::string> metadata;

  const Array* find(const std::string& name) const;  // nullptr when absent
};

// Never reads past the end, whatever the bytes. Arrays are views of the mapping and keep it alive
// (copies where the file holds them misaligned). Throws Error(kNotFound), Error(kIo), Error(kLimit)
// for a header over 100 MB, Error(kInput) naming the tensor and the byte counts for: a truncated or
// overlong file, JSON that is not as above, a name or key given twice, an unknown dtype, a shape
// whose product overflows, offsets that do not fit the shape, overlap, leave a gap or end elsewhere
// than the file.
TensorFile read_safetensors(const std::filesystem::path& path, MapAccess access = MapAccess::kRead);

// In the given order, header padded so that arrays begin at a multiple of 64 bytes; same content ->
// same bytes. Streams the arrays. Throws Error(kIo), Error(kInput) for a name twice, reserved or
// not UTF-8, or an empty Array.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace braid
