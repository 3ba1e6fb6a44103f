// A plain dense array: what decoders, loaders and files hand around before tensors come in.
//
// Row-major, contiguous, 64-byte aligned. Copies share the bytes (as a view); nobody writes into an
// array that has been handed on. Torch-free on purpose: see docs/adr/0002.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace braid {

enum class DType : uint8_t {
  kBool,
  kU8,
  kI8,
  kI16,
  kU16,
  kF16,
  kBF16,
  kI32,
  kU32,
  kF32,
  kI64,
  kU64,
  kF64
};

size_t dtype_size(DType type);
const char* dtype_name(DType type);  // as safetensors spells it: "F32"

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<bool>() {
  return DType::kBool;
}
template <>
constexpr DType dtype_of<uint8_t>() {
  return DType::kU8;
}
template <>
constexpr DType dtype_of<int32_t>() {
  return DType::kI32;
}
template <>
constexpr DType dtype_of<float>() {
  return DType::kF32;
}
template <>
constexpr DType dtype_of<int64_t>() {
  return DType::kI64;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::kF64;
}

class Array {
 public:
  Array() = default;  // empty: no shape, no bytes; empty() is true

  // Zero-filled. Throws Error(kLimit) if the byte count overflows or memory is not to be had,
  // Error(kShape) for a negative size.
  Array(DType dtype, std::vector<int64_t> shape);
  template <class T>
  static Array of(std::vector<int64_t> shape, std::span<const T> values);

  // Bytes that live elsewhere (a mapped file); `owner` keeps them alive.
  static Array view(DType dtype, std::vector<int64_t> shape,
                    std::shared_ptr<const std::byte> bytes);

  bool empty() const { return data_ == nullptr; }
  DType dtype() const { return dtype_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t size(size_t axis) const { return shape_.at(axis); }
  int64_t count() const { return count_; }  // number of elements
  size_t byte_size() const { return static_cast<size_t>(count_) * dtype_size(dtype_); }
  const std::byte* bytes() const { return data_.get(); }
  std::byte* mutable_bytes() { return const_cast<std::byte*>(data_.get()); }
  std::shared_ptr<const std::byte> share() const { return data_; }

  // Throw Error(kInternal) if T is not the dtype.
  template <class T>
  std::span<const T> values() const {
    check(dtype_of<T>());
    return {reinterpret_cast<const T*>(bytes()), static_cast<size_t>(count_)};
  }
  template <class T>
  std::span<T> mutable_values() {
    check(dtype_of<T>());
    return {reinterpret_cast<T*>(mutable_bytes()), static_cast<size_t>(count_)};
  }

 private:
  void check(DType wanted) const;

  DType dtype_ = DType::kF32;
  std::vector<int64_t> shape_;
  int64_t count_ = 0;
  std::shared_ptr<const std::byte> data_;
};

// Product of `shape`. Throws Error(kShape) for a negative size, Error(kLimit) past 2^62.
int64_t element_count(const std::vector<int64_t>& shape);
std::string shape_text(const std::vector<int64_t>& shape);  // "[2, 3]"

template <class T>
Array Array::of(std::vector<int64_t> shape, std::span<const T> values) {
  Array result(dtype_of<T>(), std::move(shape));
  auto out = result.mutable_values<T>();
  std::copy_n(values.begin(), std::min(out.size(), values.size()), out.begin());
  return result;
}

}  // namespace braid
