#include "braid/data/array_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "braid/core/file.h"
#include "tests/scratch.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int64_t kMegabyte = 1 << 20;

// 400 KB of `value`.
TensorFile ramp_of(float value) {
  TensorFile file;
  Array array(DType::kF32, {100'000});
  for (float& x : array.mutable_values<float>()) x = value;
  file.tensors.emplace_back("x", std::move(array));
  return file;
}

float first_of(const TensorFile& file) { return file.find("x")->values<float>()[0]; }

void set_age(const fs::path& path, std::chrono::hours age) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - age);
}

TEST(ArrayCache, GivesBackWhatAnyCacheOfTheFolderStored) {
  const Scratch folder;
  ArrayCache one(folder / "c", kMegabyte), other(folder / "c", kMegabyte);
  EXPECT_FALSE(one.find("a"));
  auto file = ramp_of(3);
  file.metadata["note"] = "kept";
  one.store("a", file);
  const auto found = other.find("a");
  ASSERT_TRUE(found);
  EXPECT_EQ(first_of(*found), 3);
  EXPECT_EQ(found->metadata.at("note"), "kept");
  EXPECT_FALSE(other.find("b"));
}

// 1 MB has room for two files of 400 KB.
TEST(ArrayCache, RemovesTheLongestUnusedWhereRoomIsNeeded) {
  const Scratch folder;
  {
    ArrayCache before(folder / "c", kMegabyte);
    before.store("old", ramp_of(1));
    before.store("older", ramp_of(2));
  }
  set_age(folder / "c/old.safetensors", std::chrono::hours(2));
  set_age(folder / "c/older.safetensors", std::chrono::hours(3));
  ArrayCache reader(folder / "c", kMegabyte), cache(folder / "c", kMegabyte);
  const auto mapped = reader.find("older");  // used now: `old` is the longest unused
  cache.store("new", ramp_of(3));
  EXPECT_FALSE(cache.find("old"));
  EXPECT_TRUE(cache.find("older"));
  cache = ArrayCache(folder / "c", kMegabyte / 2);
  cache.store("newest", ramp_of(4));
  EXPECT_FALSE(fs::exists(folder / "c/older.safetensors"));
  EXPECT_EQ(first_of(*mapped), 2);  // stays readable where it is mapped
}

TEST(ArrayCache, NeverRemovesWhatItHolds) {
  const Scratch folder;
  ArrayCache cache(folder / "c", kMegabyte);
  cache.store("a", ramp_of(1));
  cache.store("b", ramp_of(2));
  const auto problem = error_of([&] { cache.store("c", ramp_of(3)); });
  EXPECT_THAT(problem, StartsWith("limit: "));
  EXPECT_THAT(problem, HasSubstr("expected at most 1 MB (train.disk_cache_mb), 2 MB are needed"));
  EXPECT_TRUE(cache.find("a"));
  EXPECT_TRUE(cache.find("b"));
  EXPECT_EQ(error_of([&] { cache.expect_room(100'000); }), "no error");
  EXPECT_THAT(error_of([&] { cache.expect_room(400'000); }), StartsWith("limit: "));
}

TEST(ArrayCache, SweepsTemporaryFilesThatNobodyWritesAnyMore) {
  const Scratch folder;
  make_folder(folder / "c");
  for (const char* name : {"x.safetensors.tmp.1.0", "y.safetensors.tmp.2.0"})
    write_atomic(folder / "c" / name, std::string_view("half"));
  set_age(folder / "c/x.safetensors.tmp.1.0", std::chrono::hours(25));
  ArrayCache(folder / "c", kMegabyte).store("a", ramp_of(1));
  EXPECT_FALSE(fs::exists(folder / "c/x.safetensors.tmp.1.0"));
  EXPECT_TRUE(fs::exists(folder / "c/y.safetensors.tmp.2.0"));
}

TEST(ArrayCache, ADamagedFileIsNamedWithTheWayOut) {
  const Scratch folder;
  ArrayCache cache(folder / "c", kMegabyte);
  cache.store("a", ramp_of(1));
  const auto path = folder / "c/a.safetensors";
  write_atomic(path, read_text(path).substr(0, 1000));
  const auto problem = error_of([&] { cache.find("a"); });
  EXPECT_THAT(problem, StartsWith("input: " + path.string()));
  EXPECT_THAT(problem, HasSubstr("it is a cache: remove the file, and it is made again"));
}

TEST(ArrayCache, AFullDiskLosesNothingStoredBefore) {
  const Scratch folder;
  const auto full = [&] {
    ArrayCache cache(folder / "c", kMegabyte);
    TensorFile small;
    small.tensors.emplace_back("x", Array(DType::kF32, {10}));
    cache.store("small", small);
    return error_of([&] { cache.store("large", ramp_of(1)); });
  };
  EXPECT_EQ(in_child_with_file_limit(100'000, full, "BRAID_CACHE may name another folder"), 0);
  EXPECT_TRUE(ArrayCache(folder / "c", kMegabyte).find("small"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "c"), {}), 1);
}

}  // namespace
}  // namespace braid
