#include "braid/tensor_file/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/core/file.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string golden_path(const std::string& name) {
  return std::string(BRAID_SOURCE_DIR) + "/tests/golden/" + name;
}

std::string npy_bytes(const std::string& header, size_t data_size, char version = 1) {
  std::string bytes = std::string("\x93NUMPY") + version + '\0';
  bytes += static_cast<char>(header.size() & 255);
  bytes += static_cast<char>(header.size() >> 8);
  if (version > 1) bytes += std::string(2, '\0');
  return bytes + header + std::string(data_size, '\0');
}

class Npy : public ::testing::Test {
 protected:
  std::string read(const std::string& bytes) {
    write_atomic(scratch_ / "x.npy", bytes);
    return error_of([&] { read_npy(scratch_ / "x.npy"); });
  }
  std::string with(const std::string& header, size_t data_size = 8) {
    return read(npy_bytes(header, data_size));
  }

  Scratch scratch_;
};

TEST_F(Npy, ReadsWhatNumpyWrote) {
  const Array matrix = read_npy(golden_path("matrix_f4.npy"));
  EXPECT_THAT(matrix.shape(), ElementsAre(2, 3));
  EXPECT_THAT(matrix.values<float>(), ElementsAre(0, 0.25, 0.5, 0.75, 1, 1.25));
  const Array row = read_npy(golden_path("row_i8.npy"));
  EXPECT_THAT(row.shape(), ElementsAre(3));
  EXPECT_THAT(row.values<int64_t>(), ElementsAre(3, -1, int64_t{1} << 40));
  const Array scalar = read_npy(golden_path("scalar_b1.npy"));
  EXPECT_TRUE(scalar.shape().empty());
  EXPECT_THAT(scalar.values<bool>(), ElementsAre(true));
}

TEST_F(Npy, WritesTheBytesThatNumpyWrites) {
  for (const char* name : {"matrix_f4.npy", "row_i8.npy", "scalar_b1.npy"}) {
    write_npy(scratch_ / "x.npy", read_npy(golden_path(name)));
    EXPECT_EQ(read_text(scratch_ / "x.npy"), read_text(golden_path(name))) << name;
  }
}

TEST_F(Npy, GivesBackEveryDtype) {
  for (DType type :
       {DType::kBool, DType::kU8, DType::kI8, DType::kI16, DType::kU16, DType::kF16, DType::kI32,
        DType::kU32, DType::kF32, DType::kI64, DType::kU64, DType::kF64}) {
    write_npy(scratch_ / "x.npy", Array(type, {2, 0, 3}));
    const Array array = read_npy(scratch_ / "x.npy");
    EXPECT_EQ(array.dtype(), type);
    EXPECT_THAT(array.shape(), ElementsAre(2, 0, 3));
  }
  EXPECT_THAT(error_of([&] { write_npy(scratch_ / "x.npy", Array(DType::kBF16, {1})); }),
              HasSubstr("NumPy has no BF16"));
  EXPECT_THAT(error_of([&] { write_npy(scratch_ / "x.npy", Array()); }), HasSubstr("empty Array"));
}

TEST_F(Npy, TakesVersionsTwoAndThreeAndAnyKeyOrder) {
  const std::string header = "{\"shape\":(2,),'fortran_order':False , 'descr':'<f4'}";
  EXPECT_EQ(read(npy_bytes(header, 8, 2)), "no error");
  EXPECT_EQ(read(npy_bytes(header, 8, 3)), "no error");
  EXPECT_THAT(read(npy_bytes(header, 8, 4)), HasSubstr("version 4.0"));
}

TEST_F(Npy, RefusesOtherLayouts) {
  const std::string rest = ", 'fortran_order': False, 'shape': (2,)}";
  EXPECT_THAT(with("{'descr': '>f4'" + rest), HasSubstr("big-endian"));
  EXPECT_THAT(with("{'descr': '|O'" + rest), HasSubstr("dtype '|O'"));
  EXPECT_THAT(with("{'descr': '<c8'" + rest), HasSubstr("dtype '<c8'"));
  EXPECT_THAT(with("{'descr': [('a', '<f4')]" + rest), HasSubstr("structured dtype"));
  EXPECT_THAT(with("{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}"),
              HasSubstr("Fortran order"));
}

TEST_F(Npy, RefusesWrongSizes) {
  const auto shaped = [&](const std::string& shape, size_t bytes) {
    return with("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", bytes);
  };
  EXPECT_EQ(shaped("(2,)", 8), "no error");
  EXPECT_EQ(shaped("()", 4), "no error");
  EXPECT_THAT(shaped("(2,)", 7), HasSubstr("shape [2] of F32 needs 8 bytes, the file holds 7"));
  EXPECT_THAT(shaped("(2,)", 9), HasSubstr("the file holds 9"));
  EXPECT_THAT(shaped("(2)", 8), HasSubstr("expected a tuple"));
  EXPECT_THAT(shaped("(2 2)", 16), HasSubstr("shape: expected"));
  EXPECT_THAT(shaped("(-2,)", 8), HasSubstr("expected sizes"));
  EXPECT_THAT(shaped("(2L,)", 8), HasSubstr("shape: expected"));
  EXPECT_THAT(shaped("(99999999999999999999,)", 8), HasSubstr("expected sizes"));
  EXPECT_THAT(shaped("(4294967296,4294967296)", 0), HasSubstr("too many bytes"));
  EXPECT_THAT(shaped("(4611686018427387904,)", 0), HasSubstr("too many bytes"));
}

TEST_F(Npy, RefusesBrokenHeaders) {
  EXPECT_THAT(read(""), HasSubstr("does not begin as an .npy file"));
  EXPECT_THAT(read("PK\3\4 a zip of arrays"), HasSubstr("does not begin as an .npy file"));
  EXPECT_THAT(read(std::string("\x93NUMPY\1\0\x10", 9)), HasSubstr("ends inside its header"));
  EXPECT_THAT(read(std::string("\x93NUMPY\1\0\x10\0{}", 12)), HasSubstr("ends inside its header"));
  EXPECT_THAT(read(std::string("\x93NUMPY\2\0\xff\xff\xff\xff{}", 14)), HasSubstr("too long"));
  EXPECT_THAT(with("{}"), HasSubstr("needs the keys"));
  EXPECT_THAT(with("{'shape': (1,), 'shape': (2,)}"), HasSubstr("twice or unknown"));
  EXPECT_THAT(with("{'descr': '<f4"), HasSubstr("a quote is not closed"));
  EXPECT_THAT(with("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x"),
              HasSubstr("text after its dict"));
  EXPECT_THAT(error_of([&] { read_npy(scratch_ / "gone"); }), HasSubstr("not_found: "));
}

}  // namespace
}  // namespace braid
