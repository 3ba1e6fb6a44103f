// IDX files: big-endian numbers turned into ours.
#include <algorithm>
#include <cstring>
#include <optional>

#include "braid/core/error.h"
#include "braid/data/array_file.h"

namespace braid {
namespace {

std::optional<DType> idx_type(int code) {
  switch (code) {
    case 0x08:
      return DType::kU8;
    case 0x09:
      return DType::kI8;
    case 0x0b:
      return DType::kI16;
    case 0x0c:
      return DType::kI32;
    case 0x0d:
      return DType::kF32;
    case 0x0e:
      return DType::kF64;
    default:
      return std::nullopt;
  }
}

uint32_t big_endian(const std::byte* at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | std::to_integer<uint32_t>(at[i]);
  return value;
}

}  // namespace

Array parse_idx(std::span<const std::byte> bytes, const std::string& name) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::kInput, name + ": " + what);
  };
  if (bytes.size() < 4 || bytes[0] != std::byte{0} || bytes[1] != std::byte{0})
    refuse("no IDX file: expected it to begin with 00 00, the number type and the axes");
  const auto type = idx_type(std::to_integer<int>(bytes[2]));
  if (!type) {
    refuse("IDX number type " + std::to_string(std::to_integer<int>(bytes[2])) +
           ", expected 8, 9, 11, 12, 13 or 14");
  }
  const size_t axes = std::to_integer<size_t>(bytes[3]);
  if (axes == 0 || axes > 8) refuse("IDX with " + std::to_string(axes) + " axes, expected 1 .. 8");
  const size_t begin = 4 + 4 * axes;
  if (bytes.size() < begin) refuse("IDX ends inside its header");
  std::vector<int64_t> shape;
  uint64_t wanted = dtype_size(*type);
  for (size_t i = 0; i < axes; ++i) {
    shape.push_back(big_endian(bytes.data() + 4 + 4 * i));
    if (__builtin_mul_overflow(wanted, static_cast<uint64_t>(shape.back()), &wanted))
      refuse("IDX shape " + shape_text(shape) + " ... has too many numbers");
  }
  if (wanted != bytes.size() - begin) {
    refuse("IDX shape " + shape_text(shape) + " needs " + std::to_string(wanted) +
           " bytes, the file holds " + std::to_string(bytes.size() - begin));
  }
  Array array(*type, std::move(shape));
  std::memcpy(array.mutable_bytes(), bytes.data() + begin, wanted);
  const size_t width = dtype_size(*type);
  for (std::byte* at = array.mutable_bytes(); width > 1 && wanted > 0; at += width, wanted -= width)
    std::reverse(at, at + width);
  return array;
}

}  // namespace braid
