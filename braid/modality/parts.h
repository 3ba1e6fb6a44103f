// One value that several columns of a row make up: their names and bytes as one run of bytes, so
// that a modality which joins columns still prepares a value from bytes alone.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "braid/core/file.h"

namespace braid {

struct NamedPart {
  std::string name;
  std::span<const std::byte> bytes;  // lie in the joined ones
};

Bytes join_parts(std::span<const NamedPart> parts);

// The parts that were joined; one without a name where `bytes` were never joined. Throws
// Error(kInput) where the parts do not fill the bytes.
std::vector<NamedPart> split_parts(std::span<const std::byte> bytes);

}  // namespace braid
