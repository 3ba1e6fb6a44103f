#include "braid/task/tensor.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/scratch.h"

namespace braid {
namespace {

TEST(Tensor, SharesTheArraysBytesBothWays) {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  const auto array = Array::of<float>({2, 3}, std::span(values));
  const auto tensor = to_tensor(array);
  EXPECT_EQ(tensor.data_ptr(), static_cast<const void*>(array.bytes()));
  EXPECT_EQ(tensor[1][0].item<float>(), 4);
  const auto back = to_array(tensor);
  EXPECT_EQ(back.bytes(), array.bytes());
  EXPECT_EQ(back.shape(), array.shape());
}

TEST(Tensor, OfNoRowsItKeepsItsShape) {
  const auto array = to_array(at::empty({0, 3}));
  EXPECT_FALSE(array.empty());
  EXPECT_EQ(array.shape(), (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(to_tensor(array).sizes(), (std::vector<int64_t>{0, 3}));
}

TEST(Tensor, KeepsTheBytesAliveAloneEitherWay) {
  at::Tensor tensor;
  {
    const std::vector<int64_t> values = {7, 8, 9};
    tensor = to_tensor(Array::of<int64_t>({3}, std::span(values)));
  }
  EXPECT_EQ(tensor.sum().item<int64_t>(), 24);
  Array array;
  { array = to_array(at::full({4}, 5.0, at::kDouble)); }
  EXPECT_EQ(array.dtype(), DType::kF64);
  EXPECT_EQ(array.values<double>()[3], 5.0);
}

TEST(Tensor, ATransposedTensorBecomesRowMajor) {
  const auto tensor = at::arange(6, at::kFloat).reshape({2, 3}).t();  // [3, 2]
  const auto array = to_array(tensor);
  EXPECT_EQ(array.shape(), (std::vector<int64_t>{3, 2}));
  const auto values = array.values<float>();
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()),
            (std::vector<float>{0, 3, 1, 4, 2, 5}));
}

TEST(Tensor, EveryTypeThatTensorsHaveComesBack) {
  for (DType type : {DType::kBool, DType::kU8, DType::kI8, DType::kI16, DType::kI32, DType::kI64,
                     DType::kF16, DType::kBF16, DType::kF32, DType::kF64}) {
    const Array array(type, {2, 2});
    EXPECT_EQ(to_array(to_tensor(array)).dtype(), type) << dtype_name(type);
  }
}

TEST(Tensor, TypesThatTensorsLackAreNamed) {
  EXPECT_EQ(error_of([] { to_tensor(Array(DType::kU32, {1})); }), "input: no tensor of type U32");
}

TEST(Tensor, NothingIsUndefinedAndUndefinedIsNothing) {
  EXPECT_FALSE(to_tensor(Array()).defined());
  EXPECT_TRUE(to_array(at::Tensor()).empty());
}

}  // namespace
}  // namespace braid
