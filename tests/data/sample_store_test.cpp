#include "braid/data/sample_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "braid/data/load_value.h"
#include "braid/data/value_identity.h"
#include "data_test.h"
#include "tests/scratch.h"

namespace braid::data_test {
namespace {

using testing::HasSubstr;

constexpr int64_t kMegabyte = 1 << 20;
const std::string kKey(32, 'a'), kOtherKey(32, 'b');

SampleName name_of(int number) { return content_name(as_bytes("value " + std::to_string(number))); }

// [count] of number, number + 1, ..., with a mask of `masked` steps, every third one real.
PreparedValue sample_of(int number, int64_t count = 10, int64_t masked = 0) {
  PreparedValue made{{Array(DType::kF32, {1, count}), {}}, 1000 + static_cast<uint64_t>(number)};
  auto values = made.sample.values.mutable_values<float>();
  for (int64_t i = 0; i < count; ++i) values[static_cast<size_t>(i)] = float(number) + float(i);
  if (masked > 0) {
    made.sample.mask = Array(DType::kBool, {masked});
    for (int64_t i = 0; i < masked; i += 3)
      made.sample.mask.mutable_values<bool>()[static_cast<size_t>(i)] = true;
  }
  return made;
}

std::string spell(const Array& array) {
  if (array.empty()) return "none";
  const auto bytes = std::span(array.bytes(), array.byte_size());
  return std::string(dtype_name(array.dtype())) + shape_text(array.shape()) + content_hash(bytes);
}
std::string spell(const PreparedValue& v) {
  return spell(v.sample.values) + "/" + spell(v.sample.mask) + "/" + std::to_string(v.hash);
}
std::string spell(const std::optional<PreparedValue>& v) { return v ? spell(*v) : "absent"; }

std::vector<fs::path> files_of(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    if (entry.path().string().ends_with(ending)) files.push_back(entry.path());
  }
  return files;
}

int64_t bytes_in(const fs::path& folder) {
  int64_t bytes = 0;
  for (const auto& file : files_of(folder, ""))
    bytes += static_cast<int64_t>(fs::file_size(file));
  return bytes;
}

class SampleStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SampleStore> open(const std::string& key = kKey,
                                    int64_t max_bytes = 8 * kMegabyte) {
    return std::make_unique<SampleStore>(
        folder(), key, CacheRoom({folder()}, max_bytes),
        [this](const std::string& problem) { complaints_.push_back(problem); });
  }
  fs::path folder() const { return scratch_ / "samples"; }

  // One sealed file that holds samples 0 .. count.
  void fill(int count, int64_t size = 10) {
    const auto store = open();
    for (int i = 0; i < count; ++i) ASSERT_TRUE(store->insert(name_of(i), sample_of(i, size)));
  }

  // Overwrites a byte of the only file, counted from its end where negative.
  void damage(int64_t at) const {
    const auto files = files_of(folder(), ".samples");
    ASSERT_EQ(files.size(), 1u);
    const auto size = static_cast<int64_t>(fs::file_size(files[0]));
    std::fstream file(files[0], std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at < 0 ? size + at : at);
    const char old = static_cast<char>(file.get());
    file.seekp(at < 0 ? size + at : at);
    file.put(static_cast<char>(old ^ 1));
  }

  const Scratch scratch_;
  std::vector<std::string> complaints_;
};

TEST_F(SampleStoreTest, GivesBackWhatWasStoredBeforeAndAfterItIsSealed) {
  const PreparedValue values[] = {sample_of(0), sample_of(1, 1000, 7), {{Array(), Array()}, 5},
                                  {{Array(DType::kU8, {0, 3}), Array()}, 6}};
  const auto expect_all = [&](const SampleStore& store) {
    for (int i = 0; i < 4; ++i) {
      const auto found = store.find(name_of(i));
      EXPECT_EQ(spell(found), spell(values[i])) << i;
      EXPECT_TRUE(found && found->mapped);
    }
    EXPECT_FALSE(store.find(name_of(4)));
  };
  {
    const auto store = open();
    EXPECT_FALSE(store->find(name_of(0)));
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(spell(store->insert(name_of(i), values[i])), spell(values[i]));
    expect_all(*store);
    store->refresh();
    expect_all(*store);
    EXPECT_EQ(files_of(folder(), ".samples").size(), 1u);
  }
  expect_all(*open());
  EXPECT_THAT(complaints_, testing::IsEmpty());
}

TEST_F(SampleStoreTest, KeepsAFoundSampleReadableWhenStoreAndFileAreGone) {
  fill(3, 5000);
  std::optional<PreparedValue> kept = open()->find(name_of(1));
  fs::remove_all(folder());
  EXPECT_EQ(spell(kept), spell(sample_of(1, 5000)));
}

TEST_F(SampleStoreTest, KeepsSamplesOfAnotherKeyApart) {
  fill(2);
  const auto other = open(kOtherKey);
  EXPECT_FALSE(other->find(name_of(1)));
  other->insert(name_of(1), sample_of(9));
  other->refresh();
  EXPECT_EQ(spell(open()->find(name_of(1))), spell(sample_of(1)));
  EXPECT_EQ(spell(open(kOtherKey)->find(name_of(1))), spell(sample_of(9)));
}

TEST_F(SampleStoreTest, FindsBySecondNamesToo) {
  const SampleName file{1, 2}, moved{3, 4}, unknown{5, 6};
  {
    const auto store = open();
    store->insert(name_of(1), sample_of(1));
    store->add_identity(file, name_of(1));
    store->add_identity(unknown, name_of(2));
  }
  const auto store = open();
  EXPECT_EQ(spell(store->find_by_identity(file)), spell(sample_of(1)));
  EXPECT_FALSE(store->find_by_identity(moved));
  EXPECT_FALSE(store->find_by_identity(unknown));
  store->add_identity(moved, name_of(1));  // kept in a file of its own
  store->refresh();
  EXPECT_EQ(spell(open()->find_by_identity(moved)), spell(sample_of(1)));
}

// Sixteen threads store and ask for the same 200 samples, each in its own order.
TEST_F(SampleStoreTest, ServesManyThreads) {
  auto store = open();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const int number = (i * 7 + t * 31) % 200;
        auto found = store->find(name_of(number));
        if (!found) found = store->insert(name_of(number), sample_of(number, 500, number % 4));
        if (spell(found) != spell(sample_of(number, 500, number % 4))) ++wrong;
        if (i == 100) store->refresh();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  store.reset();  // the last few that were stored, too, are in a file now
  const auto other = open();
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(spell(other->find(name_of(i))), spell(sample_of(i, 500, i % 4))) << i;
}

// Two children fill the folder at the same time; this process sees what both have stored.
TEST_F(SampleStoreTest, IsSharedByProcesses) {
  const auto store = open();
  std::vector<pid_t> children;
  for (int which = 0; which < 2; ++which) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    {
      const auto own = open();
      for (int i = 0; i < 100; ++i) own->insert(name_of(which * 100 + i), sample_of(i, 2000));
    }
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_FALSE(store->find(name_of(0)));
  store->refresh();
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(spell(store->find(name_of(i))), spell(sample_of(i % 100, 2000))) << i;
}

// A file of 1 MB takes 20 samples of 50 KB: 30 fill one and begin another.
TEST_F(SampleStoreTest, StaysUsableWhenAProcessIsKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = open();
    for (int i = 0; i < 30; ++i) store->insert(name_of(i), sample_of(i, 12500));
    [[maybe_unused]] const auto told = ::write(ready[1], "x", 1);
    ::pause();
  }
  char told = 0;
  ASSERT_EQ(::read(ready[0], &told, 1), 1);
  EXPECT_EQ(files_of(folder(), ".open").size(), 1u);
  {
    const auto store = open();  // a file that grows is left alone
    store->insert(name_of(1000), sample_of(0));
    EXPECT_EQ(files_of(folder(), ".open").size(), 2u);
  }
  EXPECT_EQ(files_of(folder(), ".open").size(), 1u);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto store = open();
  int found = 0;
  for (int i = 0; i < 30; ++i) {
    const auto value = store->find(name_of(i));
    if (!value) continue;
    EXPECT_EQ(spell(value), spell(sample_of(i, 12500)));
    ++found;
  }
  EXPECT_GE(found, 15);
  EXPECT_LT(found, 30);
  store->insert(name_of(29), sample_of(29, 12500));
  EXPECT_EQ(files_of(folder(), ".open").size(), 1u);  // the killed one's is gone
  EXPECT_EQ(spell(store->find(name_of(29))), spell(sample_of(29, 12500)));
}

TEST_F(SampleStoreTest, NeverTrustsADamagedSampleAndMakesItsFileAnew) {
  fill(3, 5000);
  damage(64 + 20000 + 100);  // in the arrays of sample 1
  {
    const auto store = open();
    EXPECT_EQ(spell(store->find(name_of(0))), spell(sample_of(0, 5000)));
    EXPECT_FALSE(store->find(name_of(1)));
    EXPECT_EQ(spell(store->insert(name_of(1), sample_of(1, 5000))), spell(sample_of(1, 5000)));
    EXPECT_EQ(spell(store->find(name_of(1))), spell(sample_of(1, 5000)));
  }
  const auto store = open();
  EXPECT_EQ(spell(store->find(name_of(1))), spell(sample_of(1, 5000)));
  EXPECT_FALSE(store->find(name_of(0)));  // went with the damaged file
}

TEST_F(SampleStoreTest, IgnoresAndRemovesFilesThatAreNotWhole) {
  // A flipped bit in the key, in an entry, in the footer's counts, checksum and size.
  for (const int64_t at : {20, -100, -170, -48, -40, -32, -8}) {
    fs::remove_all(folder());
    fill(3);
    damage(at);
    EXPECT_FALSE(open()->find(name_of(0))) << at;
    EXPECT_TRUE(files_of(folder(), ".samples").empty()) << at;
  }
  for (const double share : {0.0, 0.01, 0.5, 0.99}) {
    fs::remove_all(folder());
    fill(3);
    const auto file = files_of(folder(), ".samples").at(0);
    fs::resize_file(file, static_cast<uintmax_t>(share * double(fs::file_size(file))));
    EXPECT_FALSE(open()->find(name_of(0))) << share;
    EXPECT_TRUE(files_of(folder(), ".samples").empty()) << share;
  }
  EXPECT_THAT(complaints_, testing::IsEmpty());
}

// 100 samples of 400 KB into 8 MB: no moment is over the bound, and what came first stays.
TEST_F(SampleStoreTest, StaysWithinItsBound) {
  const auto store = open();
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    const bool fits = store->insert(name_of(i), sample_of(i, 100'000)).has_value();
    EXPECT_LE(bytes_in(folder()), 8 * kMegabyte);
    EXPECT_TRUE(!fits || i == taken);  // none after one that did not: no file goes meanwhile
    taken += fits;
  }
  EXPECT_GE(taken, 12);
  EXPECT_LE(taken, 20);
  for (int i = 0; i < taken; ++i) EXPECT_TRUE(store->find(name_of(i)));
  EXPECT_THAT(complaints_, testing::IsEmpty());
}

TEST_F(SampleStoreTest, TakesTheRoomOfTheLongestUnusedFileThatNobodyUses) {
  constexpr int64_t kSize = 200'000;  // 800 KB: one in each file of 1 MB
  fill(6, kSize);
  ASSERT_EQ(files_of(folder(), ".samples").size(), 6u);
  int hours = 10;
  for (const auto& file : files_of(folder(), ".samples"))
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hours++));
  const auto reader = open();
  EXPECT_TRUE(reader->find(name_of(0)));
  EXPECT_TRUE(reader->find(name_of(3)));
  {
    const auto writer = open(kOtherKey, 5 * kMegabyte);
    for (int i = 0; i < 5; ++i) writer->insert(name_of(i), sample_of(i, kSize));
    EXPECT_LE(bytes_in(folder()), 5 * kMegabyte);
  }
  EXPECT_EQ(spell(open()->find(name_of(0))), spell(sample_of(0, kSize)));
  EXPECT_EQ(spell(open()->find(name_of(3))), spell(sample_of(3, kSize)));
  int others = 0;
  for (const int i : {1, 2, 4, 5}) others += open()->find(name_of(i)) ? 1 : 0;
  EXPECT_EQ(others, 0);
  EXPECT_EQ(files_of(folder(), ".samples").size(), 6u);  // room for 1 MB more there is not
}

TEST_F(SampleStoreTest, GoesOnWithoutADiskThatTakesNothingAndSaysSoOnce) {
  const auto action = [&]() -> std::string {
    const auto store = open();
    for (int i = 0; i < 5; ++i) {
      if (store->insert(name_of(i), sample_of(i, 100'000))) return "stored";
    }
    return std::to_string(complaints_.size()) + complaints_.at(0);
  };
  EXPECT_EQ(in_child_with_file_limit(50'000, action, "1" + folder().string()), 0);
  // Room for the length, but not for what is written: a sample that was there before still is.
  fill(1, 100'000);
  const auto late = [&]() -> std::string {
    const auto store = open();
    return spell(store->find(name_of(0))) == spell(sample_of(0, 100'000)) ? action() : "lost";
  };
  EXPECT_EQ(in_child_with_file_limit(50'000, late, "File too large"), 0);
  std::ofstream(scratch_ / "file") << "no folder";
  SampleStore nowhere(scratch_ / "file/samples", kKey, CacheRoom({}, kMegabyte),
                      [this](const std::string& problem) { complaints_.push_back(problem); });
  EXPECT_FALSE(nowhere.insert(name_of(0), sample_of(0)));
  EXPECT_FALSE(nowhere.insert(name_of(1), sample_of(1)));
  ASSERT_EQ(complaints_.size(), 1u);
  EXPECT_THAT(complaints_[0], HasSubstr("file/samples"));
  EXPECT_THAT(complaints_[0], HasSubstr("changes no result"));
}

ConfigNode keys_of(const std::string& text) { return ConfigNode::parse(text, "test"); }

TEST(SampleKey, FollowsWhatDecidesPrepareAlone) {
  const FakeModality fake;
  class Learned final : public Modality {
   public:
    explicit Learned(std::string what) : what_(std::move(what)) {}
    std::string_view name() const override { return "fake"; }
    std::string learned() const override { return what_; }
    Sample prepare(std::span<const std::byte>) const override { return {}; }
    Sample augment(const Sample& sample, Rng&) const override { return sample; }
    Sample view(const Sample& sample) const override { return sample; }
    Sample collate(std::span<const Sample* const>) const override { return {}; }
    uint64_t max_bytes() const override { return 1; }

   private:
    std::string what_;
  };
  const auto image = make_modality("image", keys_of("{kind: image}"));
  const auto key = sample_key(keys_of("{kind: image, size: 64}"), *image);
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(key, sample_key(keys_of("{kind: image, size: 64}"), *image));
  EXPECT_EQ(key, sample_key(keys_of("{kind: image, size: 64, views: {flip: 0}}"), *image));
  EXPECT_NE(key, sample_key(keys_of("{kind: image, size: 65}"), *image));
  EXPECT_NE(key, sample_key(keys_of("{kind: image, size: 64, keep_side: 100}"), *image));
  EXPECT_NE(key, sample_key(keys_of("{kind: image, size: 64}"), fake));
  EXPECT_NE(sample_key(keys_of("{kind: fake}"), Learned("mean 1")),
            sample_key(keys_of("{kind: fake}"), Learned("mean 2")));
}

class LoadValueTest : public DataTest {
 protected:
  std::unique_ptr<SampleStore> open() const {
    return std::make_unique<SampleStore>(folder_ / "samples", kKey,
                                         CacheRoom({folder_ / "samples"}, 8 * kMegabyte),
                                         [](const std::string&) {});
  }
  static int64_t number_of(const LoadedValue& loaded) {
    return loaded.value.sample.values.values<int64_t>()[0];
  }

  FakeModality fake_;
};

TEST_F(LoadValueTest, DecodesEqualBytesOnceAndOthersAnew) {
  const Value a{"a", write("a", "7"), ""}, copy{"copy", write("copy", "7"), ""};
  const auto store = open();
  const auto first = load_value(a, fake_, store.get());
  EXPECT_TRUE(first.decoded);
  for (const auto& value : {a, copy}) {
    const auto again = load_value(value, fake_, store.get());
    EXPECT_FALSE(again.decoded);
    EXPECT_EQ(number_of(again), 7000);
    EXPECT_EQ(again.value.hash, value_key(as_bytes("7")));
    EXPECT_TRUE(again.value.mapped);
  }
  EXPECT_EQ(fake_.prepared, 1);
  write("a", "8");  // as long as before, and within the same second
  const auto changed = load_value(a, fake_, store.get());
  EXPECT_TRUE(changed.decoded);
  EXPECT_EQ(number_of(changed), 8000);
  EXPECT_EQ(changed.value.hash, value_key(as_bytes("8")));
}

TEST_F(LoadValueTest, LeavesInlineValuesAndBadOnesAlone) {
  const auto store = open();
  EXPECT_TRUE(load_value({"5", "", ""}, fake_, store.get()).decoded);
  EXPECT_TRUE(load_value({"5", "", ""}, fake_, store.get()).decoded);
  const Value bad{"bad", write("bad", "bad"), ""};
  for (int i = 0; i < 2; ++i)
    expect_error(ErrorCode::kInput, {"'bad'"}, [&] { load_value(bad, fake_, store.get()); });
  EXPECT_EQ(fake_.prepared, 4);
  EXPECT_FALSE(fs::exists(folder_ / "samples"));
}

// What is kept under the name of an unchanged file is taken for it: the file is not read.
TEST_F(LoadValueTest, DoesNotReadAFileThatHasNotChanged) {
  const Value old{"hosts", BRAID_SOURCE_DIR "/README.md", ""};
  const auto identity = identity_of(old);
  ASSERT_TRUE(identity) << "the file changed a moment ago?";
  const auto store = open();
  const int64_t number = 42;
  store->insert({1, 1}, {{Array::of<int64_t>({1}, std::span(&number, 1)), {}}, 99});
  store->add_identity(*identity, {1, 1});
  const auto loaded = load_value(old, fake_, store.get());
  EXPECT_EQ(number_of(loaded), 42);
  EXPECT_EQ(fake_.prepared, 0);
}

TEST_F(LoadValueTest, KnowsAFileByItsTimesAndPlaceInIt) {
  const fs::path old = BRAID_SOURCE_DIR "/README.md", other = BRAID_SOURCE_DIR "/LICENSE";
  const auto whole = identity_of({"x", old, ""});
  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole, *identity_of({"another name in the manifest", old, ""}));
  EXPECT_NE(*whole, *identity_of({"x", other, ""}));
  EXPECT_NE(*whole, *identity_of({"x", old, "member"}));
  EXPECT_FALSE(identity_of({"inline", "", ""}));
  EXPECT_FALSE(identity_of({"new", write("new", "7"), ""}));  // may change within its time's tick
  EXPECT_FALSE(identity_of({"gone", folder_ / "gone", ""}));
  const auto joined = [](std::vector<ValuePart> parts) {
    return Value{"", "", "", std::make_shared<const std::vector<ValuePart>>(std::move(parts))};
  };
  const auto parts = identity_of(joined({{"gps", {"x", old, ""}}, {"speed", {"3", "", ""}}}));
  ASSERT_TRUE(parts);
  EXPECT_NE(*parts, *identity_of(joined({{"gps", {"x", old, ""}}, {"speed", {"4", "", ""}}})));
  EXPECT_NE(*parts, *identity_of(joined({{"imu", {"x", old, ""}}, {"speed", {"3", "", ""}}})));
  EXPECT_FALSE(identity_of(joined({{"speed", {"3", "", ""}}})));
}

}  // namespace
}  // namespace braid::data_test
