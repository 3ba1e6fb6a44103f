#include <cstring>

#include "braid/core/array.h"
#include "braid/core/error.h"
#include "braid/modality/series/readers.h"
#include "braid/tensor_file/npy.h"

namespace braid {
namespace {

template <class T>
double number_from(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return usable_number(static_cast<double>(value));
}

using NumberReader = double (*)(const std::byte*);

NumberReader reader_of(DType type) {
  switch (type) {
    case DType::kBool:
    case DType::kU8:
      return number_from<uint8_t>;
    case DType::kI8:
      return number_from<int8_t>;
    case DType::kI16:
      return number_from<int16_t>;
    case DType::kU16:
      return number_from<uint16_t>;
    case DType::kI32:
      return number_from<int32_t>;
    case DType::kU32:
      return number_from<uint32_t>;
    case DType::kF32:
      return number_from<float>;
    case DType::kI64:
      return number_from<int64_t>;
    case DType::kU64:
      return number_from<uint64_t>;
    case DType::kF64:
      return number_from<double>;
    default:
      throw Error(ErrorCode::kInput, std::string("series: .npy of ") + dtype_name(type) +
                                         ": expected whole numbers, float32 or float64");
  }
}

}  // namespace

Recording read_npy_recording(std::span<const std::byte> bytes, const RecordingLimits& limits) {
  const Array array = parse_npy(bytes, "series");  // no larger than the bytes
  const auto& shape = array.shape();
  if (shape.empty() || shape.size() > 2) {
    throw Error(ErrorCode::kInput,
                "series: .npy of shape " + shape_text(shape) + ": expected [steps, channels]");
  }
  const int64_t steps = shape[0], count = shape.size() == 2 ? shape[1] : 1;
  check_recording_size(static_cast<uint64_t>(count), static_cast<uint64_t>(steps), limits);
  const auto number = reader_of(array.dtype());
  const size_t size = dtype_size(array.dtype());
  Recording out;
  for (int64_t c = 0; c < count; ++c) {
    out.names.push_back(std::to_string(c));
    auto& column = out.columns.emplace_back(static_cast<size_t>(steps));
    const std::byte* at = array.bytes() + static_cast<size_t>(c) * size;
    for (size_t t = 0; t < column.size(); ++t) {
      column[t] = number(at + t * static_cast<size_t>(count) * size);
    }
  }
  return out;
}

}  // namespace braid
