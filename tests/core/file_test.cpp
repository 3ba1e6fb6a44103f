#include "braid/core/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include <cstdlib>

#include "braid/core/error.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "braid_file_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST_F(FileTest, ReadsBackWhatItWrote) {
  const std::string text("a\0b\n", 4);
  write_atomic(folder_ / "x", text);
  EXPECT_EQ(read_text(folder_ / "x"), text);
  EXPECT_EQ(as_text(read_range(folder_ / "x", 2, 1)), "b");
}

TEST_F(FileTest, LeavesNoTemporaryBehind) {
  write_atomic(folder_ / "x", "1");
  write_atomic(folder_ / "x", "2");
  EXPECT_EQ(read_text(folder_ / "x"), "2");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(FileTest, SaysWhyItCannotRead) {
  write_atomic(folder_ / "x", "12345");
  EXPECT_EQ(code_of([&] { read_file(folder_ / "none"); }), ErrorCode::kNotFound);
  EXPECT_EQ(code_of([&] { read_file(folder_); }), ErrorCode::kIo);
  EXPECT_EQ(code_of([&] { read_file(folder_ / "x", 4); }), ErrorCode::kLimit);
  EXPECT_EQ(code_of([&] { read_range(folder_ / "x", 3, 3); }), ErrorCode::kInput);
  EXPECT_EQ(code_of([&] { read_range(folder_ / "x", UINT64_MAX, 3); }), ErrorCode::kInput);
}

TEST_F(FileTest, ReadsFilesThatDoNotTellTheirSize) {
  EXPECT_THAT(read_text("/proc/self/status"), testing::HasSubstr("Name:"));
}

// XXH3 of the empty input with seed 0, from the reference implementation's own vectors.
TEST_F(FileTest, HashesAsTheReferenceDoes) {
  EXPECT_EQ(content_hash(""), "99aa06d3014798d86001c324468d497f");
  write_atomic(folder_ / "x", std::string(3 << 20, 'q'));
  EXPECT_EQ(file_hash(folder_ / "x"), content_hash(std::string(3 << 20, 'q')));
}

}  // namespace
}  // namespace braid
