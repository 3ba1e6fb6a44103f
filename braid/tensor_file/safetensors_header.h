// The JSON of a safetensors file, as values; no array is touched here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "braid/core/array.h"

namespace braid {

inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;  // bytes, as the format says
inline constexpr size_t kSafetensorsAlignment = 64;             // a cache line: mapped as it lies

struct TensorEntry {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // bytes, from the end of the header
};

struct SafetensorsHeader {
  std::vector<TensorEntry> entries;  // ordered by their bytes
  std::map<std::string, std::string> metadata;
};

// Parses and checks everything: the entries cover `data_size` bytes without gap or overlap.
// Throws Error(kInput) without a path (the reader adds it).
SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t data_size);

// Padded with spaces so that the arrays start at a multiple of kSafetensorsAlignment. Throws
// Error(kInput, kLimit).
std::string format_safetensors_header(const SafetensorsHeader& header);

}  // namespace braid
