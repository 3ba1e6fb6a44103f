#include "braid/task/tensor.h"

#include "braid/core/error.h"

namespace braid {
namespace {

at::ScalarType scalar_type(DType type) {
  switch (type) {
    case DType::kBool:
      return at::kBool;
    case DType::kU8:
      return at::kByte;
    case DType::kI8:
      return at::kChar;
    case DType::kI16:
      return at::kShort;
    case DType::kI32:
      return at::kInt;
    case DType::kI64:
      return at::kLong;
    case DType::kF16:
      return at::kHalf;
    case DType::kBF16:
      return at::kBFloat16;
    case DType::kF32:
      return at::kFloat;
    case DType::kF64:
      return at::kDouble;
    default:
      break;
  }
  throw Error(ErrorCode::kInput, std::string("no tensor of type ") + dtype_name(type));
}

DType dtype_from(at::ScalarType type) {
  for (DType candidate : {DType::kBool, DType::kU8, DType::kI8, DType::kI16, DType::kI32,
                          DType::kI64, DType::kF16, DType::kBF16, DType::kF32, DType::kF64}) {
    if (scalar_type(candidate) == type) return candidate;
  }
  throw Error(ErrorCode::kInternal, "tensor of a type that files cannot hold");
}

}  // namespace

at::Tensor to_tensor(const Array& array) {
  if (array.empty()) return {};
  const auto owner = array.share();
  return at::from_blob(
      const_cast<std::byte*>(array.bytes()), array.shape(), [owner](void*) {},
      at::TensorOptions(scalar_type(array.dtype())));
}

Array to_array(const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  if (tensor.numel() == 0)  // torch keeps no bytes for it
    return Array(dtype_from(tensor.scalar_type()), tensor.sizes().vec());
  const auto plain = tensor.detach().cpu().contiguous();
  const auto* bytes = static_cast<const std::byte*>(plain.data_ptr());
  return Array::view(dtype_from(plain.scalar_type()), plain.sizes().vec(),
                     std::shared_ptr<const std::byte>(bytes, [plain](const std::byte*) {}));
}

}  // namespace braid
