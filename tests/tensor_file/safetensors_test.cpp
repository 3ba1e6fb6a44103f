#include "braid/tensor_file/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class T>
Array array_of(std::vector<int64_t> shape, std::vector<T> values) {
  return Array::of<T>(std::move(shape), values);
}

TensorFile sample_file() {
  TensorFile file;
  const std::byte odd[] = {std::byte{7}, std::byte{8}, std::byte{9}};
  Array bytes(DType::kU8, {3});
  std::memcpy(bytes.mutable_bytes(), odd, 3);
  file.tensors = {{"b", bytes},
                  {"a\n\"名", array_of<float>({2, 2}, {1, 2, 3, 4})},
                  {"none", Array(DType::kF64, {0, 5})},
                  {"one", array_of<int64_t>({}, {-7})}};
  file.metadata = {{"k", "v"}, {"a", "\\"}};
  return file;
}

TEST(Safetensors, ReadsWhatTheReferenceImplementationWrote) {
  const auto file =
      read_safetensors(std::string(BRAID_SOURCE_DIR) + "/tests/golden/reference.safetensors");
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"format", "np"}, {"名", "值"}}));
  ASSERT_EQ(file.tensors.size(), 5u);
  const Array* weight = file.find("weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_THAT(weight->shape(), ElementsAre(2, 3));
  EXPECT_THAT(weight->values<float>(), ElementsAre(0, 0.25, 0.5, 0.75, 1, 1.25));
  EXPECT_THAT(file.find("scalar")->values<int64_t>(), ElementsAre(-7));
  EXPECT_TRUE(file.find("scalar")->shape().empty());
  EXPECT_THAT(file.find("mask")->values<bool>(), ElementsAre(true, false, true));
  EXPECT_THAT(file.find("none")->shape(), ElementsAre(0, 4));
  EXPECT_EQ(file.find("half")->dtype(), DType::kF16);
  const unsigned char halves[] = {0x00, 0x3c, 0x00, 0xc0, 0x00, 0x38};  // 1, -2, 0.5 in IEEE half
  EXPECT_EQ(std::memcmp(file.find("half")->bytes(), halves, 6), 0);
  EXPECT_EQ(file.find("absent"), nullptr);
}

TEST(Safetensors, GivesBackWhatWasWrittenInItsOrder) {
  const Scratch scratch;
  write_safetensors(scratch / "x.safetensors", sample_file());
  const auto file = read_safetensors(scratch / "x.safetensors");
  EXPECT_EQ(file.metadata, sample_file().metadata);
  ASSERT_EQ(file.tensors.size(), 4u);
  EXPECT_EQ(file.tensors[0].first, "b");
  EXPECT_EQ(file.tensors[1].first, "a\n\"名");
  EXPECT_EQ(file.tensors[2].first, "none");
  // Three bytes before it put this tensor at an odd address in the file.
  EXPECT_THAT(file.tensors[1].second.values<float>(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file.tensors[1].second.bytes()) % alignof(float), 0u);
  EXPECT_THAT(file.tensors[3].second.values<int64_t>(), ElementsAre(-7));
}

TEST(Safetensors, WritesTheBytesTheFormatAsksFor) {
  const Scratch scratch;
  TensorFile file;
  file.tensors = {{"x", array_of<float>({1}, {1})}};
  write_safetensors(scratch / "x", file);
  const std::string json = R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  ASSERT_EQ(json.size(), 54u);
  EXPECT_EQ(read_text(scratch / "x"),
            std::string("\x38\0\0\0\0\0\0\0", 8) + json + "  " + std::string("\0\0\x80\x3f", 4));
}

TEST(Safetensors, WritesTheSameBytesForTheSameContent) {
  const Scratch scratch;
  write_safetensors(scratch / "a", sample_file());
  write_safetensors(scratch / "b", sample_file());
  EXPECT_EQ(read_text(scratch / "a"), read_text(scratch / "b"));
}

TEST(Safetensors, ArraysOfWholeCacheLinesBeginAtOne) {
  const Scratch scratch;
  for (size_t length = 1; length <= 70; ++length) {  // of the first name, which moves the header
    TensorFile file;
    file.tensors = {{std::string(length, 'n'), Array(DType::kF32, {16})},
                    {"b", Array(DType::kF32, {2, 32})}};
    write_safetensors(scratch / "x", file);
    for (const auto& [name, array] : read_safetensors(scratch / "x").tensors) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(array.bytes()) % 64, 0u) << length;
    }
  }
}

TEST(Safetensors, WhatIsWrittenInAPrivateMappingStaysThere) {
  const Scratch scratch;
  write_safetensors(scratch / "x", sample_file());
  const std::string before = read_text(scratch / "x");
  const auto file = read_safetensors(scratch / "x", MapAccess::kPrivate);
  auto* bytes = const_cast<std::byte*>(file.tensors[0].second.bytes());
  bytes[0] = std::byte{99};
  EXPECT_EQ(file.tensors[0].second.values<uint8_t>()[0], 99);
  EXPECT_EQ(read_text(scratch / "x"), before);
}

TEST(Safetensors, ArraysOutliveTheFile) {
  const Scratch scratch;
  write_safetensors(scratch / "x", sample_file());
  const Array kept = read_safetensors(scratch / "x").tensors[3].second;
  std::filesystem::remove(scratch / "x");
  EXPECT_THAT(kept.values<int64_t>(), ElementsAre(-7));
}

TEST(Safetensors, RefusesToWriteWhatCouldNotBeRead) {
  const Scratch scratch;
  const auto message = [&](std::vector<std::pair<std::string, Array>> tensors) {
    TensorFile file;
    file.tensors = std::move(tensors);
    return error_of([&] { write_safetensors(scratch / "x", file); });
  };
  const Array one = array_of<float>({1}, {1});
  EXPECT_THAT(message({{"a", one}, {"a", one}}), HasSubstr("input: "));
  EXPECT_THAT(message({{"a", one}, {"a", one}}), HasSubstr("tensor 'a' comes twice"));
  EXPECT_THAT(message({{"__metadata__", one}}), HasSubstr("cannot be named"));
  EXPECT_THAT(message({{"\xff", one}}), HasSubstr("not UTF-8"));
  EXPECT_THAT(message({{"a", Array()}}), HasSubstr("tensor 'a' is an empty Array"));
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(Safetensors, KeepsTheOldFileWhenTheNewCannotBeWritten) {
  const Scratch scratch;
  write_safetensors(scratch / "x", sample_file());
  const std::string before = read_text(scratch / "x");
  TensorFile large;
  large.tensors = {{"large", Array(DType::kF32, {4096})}};
  const int status = in_child_with_file_limit(
      8192, [&] { return error_of([&] { write_safetensors(scratch / "x", large); }); },
      "io: " + (scratch / "x").string() + ": cannot write: File too large");
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_text(scratch / "x"), before);
  EXPECT_EQ(scratch.count(), 1);
}

TEST(Safetensors, SaysWhichFileIsMissing) {
  const Scratch scratch;
  EXPECT_THAT(error_of([&] { read_safetensors(scratch / "gone"); }), HasSubstr("not_found: "));
  EXPECT_THAT(error_of([&] { read_safetensors(scratch / "gone"); }), HasSubstr("gone"));
  EXPECT_THAT(error_of([&] { read_safetensors(scratch.path()); }), HasSubstr("io: "));
  EXPECT_THAT(error_of([&] { write_safetensors(scratch / "no" / "x", {}); }), HasSubstr("io: "));
}

}  // namespace
}  // namespace braid
