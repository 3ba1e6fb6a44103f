#include "braid/core/array.h"

#include <cstring>
#include <new>

#include "braid/core/error.h"

namespace braid {

size_t dtype_size(DType type) {
  switch (type) {
    case DType::kBool:
    case DType::kU8:
    case DType::kI8:
      return 1;
    case DType::kI16:
    case DType::kU16:
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kI32:
    case DType::kU32:
    case DType::kF32:
      return 4;
    case DType::kI64:
    case DType::kU64:
    case DType::kF64:
      return 8;
  }
  return 0;
}

const char* dtype_name(DType type) {
  switch (type) {
    case DType::kBool:
      return "BOOL";
    case DType::kU8:
      return "U8";
    case DType::kI8:
      return "I8";
    case DType::kI16:
      return "I16";
    case DType::kU16:
      return "U16";
    case DType::kF16:
      return "F16";
    case DType::kBF16:
      return "BF16";
    case DType::kI32:
      return "I32";
    case DType::kU32:
      return "U32";
    case DType::kF32:
      return "F32";
    case DType::kI64:
      return "I64";
    case DType::kU64:
      return "U64";
    case DType::kF64:
      return "F64";
  }
  return "?";
}

int64_t element_count(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0) throw Error(ErrorCode::kShape, "negative size in shape " + shape_text(shape));
    if (__builtin_mul_overflow(count, size, &count) || count > (int64_t{1} << 62)) {
      throw Error(ErrorCode::kLimit, "shape " + shape_text(shape) + " has too many elements");
    }
  }
  return count;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

Array::Array(DType dtype, std::vector<int64_t> shape)
    : dtype_(dtype), shape_(std::move(shape)), count_(element_count(shape_)) {
  constexpr std::align_val_t kAlign{64};
  size_t size = 0;
  if (__builtin_mul_overflow(static_cast<size_t>(count_), dtype_size(dtype), &size)) {
    throw Error(ErrorCode::kLimit, "shape " + shape_text(shape_) + " has too many bytes");
  }
  auto* bytes = static_cast<std::byte*>(::operator new(size ? size : 1, kAlign, std::nothrow));
  if (!bytes) {
    throw Error(ErrorCode::kLimit, "no memory for " + std::to_string(size) + " bytes (shape " +
                                       shape_text(shape_) + ")");
  }
  std::memset(bytes, 0, size);
  data_ = std::shared_ptr<const std::byte>(bytes, [kAlign](const std::byte* p) {
    ::operator delete(const_cast<std::byte*>(p), kAlign);
  });
}

Array Array::view(DType dtype, std::vector<int64_t> shape, std::shared_ptr<const std::byte> bytes) {
  Array result;
  result.dtype_ = dtype;
  result.shape_ = std::move(shape);
  result.count_ = element_count(result.shape_);
  result.data_ = std::move(bytes);
  return result;
}

void Array::check(DType wanted) const {
  if (wanted != dtype_) {
    throw Error(ErrorCode::kInternal, std::string("array holds ") + dtype_name(dtype_) +
                                          ", asked for " + dtype_name(wanted));
  }
}

}  // namespace braid
