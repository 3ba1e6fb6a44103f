// Files made to hurt: each must end in one clear Error, or in arrays that can be read to their end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "braid/core/file.h"
#include "braid/core/rng.h"
#include "braid/tensor_file/npy.h"
#include "braid/tensor_file/safetensors.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::HasSubstr;

std::string safetensors_bytes(const std::string& json, size_t data_size) {
  std::string bytes(8, '\0');
  const uint64_t length = json.size();
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + json + std::string(data_size, '\2');
}

class HostileSafetensors : public ::testing::Test {
 protected:
  std::string read(const std::string& bytes) {
    write_atomic(scratch_ / "x", bytes);
    return error_of([&] { read_safetensors(scratch_ / "x"); });
  }
  std::string with(const std::string& json, size_t data_size = 8) {
    return read(safetensors_bytes(json, data_size));
  }
  // One tensor "t" whose value is `fields`.
  std::string tensor(const std::string& fields, size_t data_size = 8) {
    return with("{\"t\":{" + fields + "}}", data_size);
  }

  Scratch scratch_;
};

TEST_F(HostileSafetensors, TakesTheSmallestFileThereIs) {
  EXPECT_EQ(with("{}", 0), "no error");
  EXPECT_EQ(with("{}     ", 0), "no error");
  EXPECT_EQ(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), "no error");
}

TEST_F(HostileSafetensors, RefusesAWrongLength) {
  EXPECT_THAT(read(""), HasSubstr("has 0 bytes"));
  EXPECT_THAT(read("1234567"), HasSubstr("has 7 bytes"));
  EXPECT_THAT(read(std::string(8, '\0')), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(read(std::string(8, '\xff')), HasSubstr("limit: "));
  EXPECT_THAT(read(std::string("\x04\0\0\0\0\0\0\0{}", 10)),
              HasSubstr("header of 4 bytes does not fit into a file of 10 bytes"));
}

TEST_F(HostileSafetensors, RefusesWhatIsNotTheRightJson) {
  EXPECT_THAT(with(" {}"), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(with("[]"), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(with("{"), HasSubstr("not valid JSON"));
  EXPECT_THAT(with("{} x"), HasSubstr("not valid JSON"));
  EXPECT_THAT(with("{\"\xff\":1}"), HasSubstr("not valid JSON"));
  EXPECT_THAT(with("{\"t\":1}"), HasSubstr("header at 't': expected an object, got the number 1"));
  EXPECT_THAT(with("{\"t\":[]}"), HasSubstr("expected an object, got a list"));
  EXPECT_THAT(with("{\"__metadata__\":{\"a\":1}}"), HasSubstr("expected a text"));
  EXPECT_THAT(with("{\"__metadata__\":{\"a\":{}}}"), HasSubstr("expected a text"));
  EXPECT_THAT(with("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}"), HasSubstr("comes twice"));
  const std::string t = R"({"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  EXPECT_THAT(with("{\"t\":" + t + ",\"t\":" + t + "}"), HasSubstr("'t' comes twice"));
}

TEST_F(HostileSafetensors, RefusesDeepNestingWithoutFollowingIt) {
  const std::string deep(10'000'000, '[');
  EXPECT_THAT(with("{\"t\":" + deep), HasSubstr("expected an object"));
  EXPECT_THAT(tensor("\"shape\":" + deep), HasSubstr("expected sizes, got a list"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"t\":";
  EXPECT_THAT(with(objects), HasSubstr("unknown key 't'"));
}

TEST_F(HostileSafetensors, RefusesWrongFieldsOfATensor) {
  const std::string rest = R"("shape":[2],"data_offsets":[0,8])";
  EXPECT_THAT(tensor(rest), HasSubstr("needs dtype, shape and data_offsets"));
  EXPECT_THAT(tensor(R"("dtype":"F8_E4M3",)" + rest), HasSubstr("tensor 't' has dtype 'F8_E4M3'"));
  EXPECT_THAT(tensor(R"("dtype":7,)" + rest), HasSubstr("expected a text, got the number 7"));
  EXPECT_THAT(tensor(R"("dtype":["F32"],)" + rest), HasSubstr("expected a text, got a list"));
  EXPECT_THAT(tensor(R"("more":1,)" + rest), HasSubstr("unknown key 'more'"));
  EXPECT_THAT(tensor(R"("shape":[2],)" + rest), HasSubstr("'shape' comes twice"));
  const std::string type = R"("dtype":"F32","data_offsets":[0,8],)";
  EXPECT_THAT(tensor(type + R"("shape":[-2])"), HasSubstr("negative number -2"));
  EXPECT_THAT(tensor(type + R"("shape":[2.0])"), HasSubstr("the number 2.0"));
  EXPECT_THAT(tensor(type + R"("shape":[null])"), HasSubstr("got null"));
  EXPECT_THAT(tensor(type + R"("shape":[true])"), HasSubstr("got a boolean"));
  EXPECT_THAT(tensor(type + R"("shape":2)"), HasSubstr("expected a list, got the number 2"));
  EXPECT_THAT(tensor(type + R"("shape":{})"), HasSubstr("got an object"));
  std::string ones = "1";
  for (int i = 0; i < 64; ++i) ones += ",1";
  EXPECT_THAT(tensor(type + "\"shape\":[" + ones + "]"), HasSubstr("more than 64 axes"));
}

TEST_F(HostileSafetensors, RefusesShapesThatOverflow) {
  const std::string type = R"("dtype":"F64","data_offsets":[0,8],)";
  EXPECT_THAT(tensor(type + R"("shape":[9223372036854775808])"), HasSubstr("9223372036854775808"));
  EXPECT_THAT(tensor(type + R"("shape":[4611686018427387905])"), HasSubstr("too many bytes"));
  EXPECT_THAT(tensor(type + R"("shape":[4294967296,4294967296])"), HasSubstr("too many bytes"));
  // 2^61 elements of 8 bytes wrap to 0 in 64 bits.
  EXPECT_THAT(tensor(R"("dtype":"F64","data_offsets":[0,0],"shape":[2305843009213693952])", 0),
              HasSubstr("too many bytes"));
}

TEST_F(HostileSafetensors, RefusesOffsetsThatDoNotFit) {
  const std::string type = R"("dtype":"F32","shape":[2],"data_offsets":)";
  EXPECT_THAT(tensor(type + "[0]"), HasSubstr("data_offsets needs two numbers"));
  EXPECT_THAT(tensor(type + "[0,4,8]"), HasSubstr("expected two byte offsets, got the number 8"));
  EXPECT_THAT(tensor(type + "[8,0]"), HasSubstr("ends before it begins"));
  EXPECT_THAT(tensor(type + "[-8,0]"), HasSubstr("negative number -8"));
  EXPECT_THAT(tensor(type + "[0,7]"), HasSubstr("needs 8 bytes"));
  EXPECT_THAT(tensor(type + "[8,16]"), HasSubstr("the file holds 8 bytes of tensors"));
  EXPECT_THAT(tensor(type + "[18446744073709551608,18446744073709551615]"),
              HasSubstr("the file holds 8 bytes of tensors"));
  EXPECT_THAT(tensor(type + "[18446744073709551616,0]"), HasSubstr("expected two byte offsets"));
  EXPECT_THAT(tensor(type + "[4,12]", 12), HasSubstr("leaving a gap"));
  EXPECT_THAT(tensor(type + "[0,8]", 9), HasSubstr("tensors end at byte 8, but the file holds 9"));
  EXPECT_THAT(tensor(type + "[0,8]", 7), HasSubstr("the file holds 7 bytes"));
  const std::string a = R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]})";
  const std::string b = R"("b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]})";
  EXPECT_THAT(with("{" + b + "," + a + "}", 7),
              HasSubstr("tensor 'b' has bytes 3 to 7, overlapping"));
}

TEST_F(HostileSafetensors, RefusesABoolThatIsNeitherTrueNorFalse) {
  EXPECT_THAT(tensor(R"("dtype":"BOOL","shape":[8],"data_offsets":[0,8])"),
              HasSubstr("is 2, expected 0 or 1"));
}

// Reading every byte lets the sanitizers see a view that leaves its file.
uint64_t sum_of(const Array& array) {
  uint64_t sum = 0;
  for (size_t i = 0; i < array.byte_size(); ++i) sum += std::to_integer<uint64_t>(array.bytes()[i]);
  return sum;
}

std::string mutated(std::string bytes, Rng& rng) {
  for (int64_t n = rng.below(4); n >= 0; --n) {
    const auto at = static_cast<size_t>(rng.below(static_cast<int64_t>(bytes.size())));
    switch (rng.below(4)) {
      case 0:
        bytes[at] = static_cast<char>(rng.below(256));
        break;
      case 1:
        bytes[at] = "0123456789[]{},:\" -"[rng.below(19)];
        break;
      case 2:
        bytes.erase(at, static_cast<size_t>(rng.below(9)));
        break;
      default:
        bytes.insert(at, 1, "0123456789[]{},:\" -"[rng.below(19)]);
        break;
    }
    if (bytes.empty()) break;
  }
  return bytes;
}

template <class Read>
void read_mutations(const std::string& golden, int rounds, Read&& read) {
  const Scratch scratch;
  const auto original = read_text(std::string(BRAID_SOURCE_DIR) + "/tests/golden/" + golden);
  Rng rng(11);
  int refused = 0;
  for (int i = 0; i < rounds; ++i) {
    {
      // Not write_atomic: its fsync would take most of the time.
      std::FILE* file = std::fopen((scratch / "x").c_str(), "wb");
      const std::string bytes = mutated(original, rng);
      std::fwrite(bytes.data(), 1, bytes.size(), file);
      std::fclose(file);
    }
    const std::string error = error_of([&] { read(scratch / "x"); });
    refused += error != "no error";
    EXPECT_THAT(error, ::testing::Not(HasSubstr("internal: ")));
  }
  EXPECT_GT(refused, rounds / 4);
  EXPECT_LT(refused, rounds);
}

TEST(Mutations, OfSafetensorsEndInAnErrorOrInReadableArrays) {
  read_mutations("reference.safetensors", 1500, [](const std::filesystem::path& path) {
    uint64_t sum = 0;
    for (const auto& [name, array] : read_safetensors(path).tensors) sum += sum_of(array);
    EXPECT_LT(sum, 1u << 20);
  });
}

TEST(Mutations, OfNpyEndInAnErrorOrInAReadableArray) {
  read_mutations("matrix_f4.npy", 1500, [](const std::filesystem::path& path) {
    EXPECT_LT(sum_of(read_npy(path)), 1u << 20);
  });
}

}  // namespace
}  // namespace braid
