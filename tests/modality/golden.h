// Reading the golden files of tests/golden.
#pragma once

#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "braid/core/file.h"

namespace braid {

inline nlohmann::json read_golden(const std::string& name) {
  return nlohmann::json::parse(read_text(std::string(BRAID_SOURCE_DIR) + "/tests/golden/" + name));
}

// FNV-1a 64, as the scripts print it.
inline std::string fnv(std::span<const uint8_t> bytes) {
  uint64_t value = 0xcbf29ce484222325ull;
  for (const uint8_t byte : bytes) value = (value ^ byte) * 0x100000001b3ull;
  char text[17];
  std::snprintf(text, sizeof text, "%016lx", static_cast<unsigned long>(value));
  return text;
}

}  // namespace braid
