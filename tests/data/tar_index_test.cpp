#include "braid/data/tar_index.h"

#include "data_test.h"

namespace braid::data_test {
namespace {

using TarIndexTest = DataTest;

std::string content(const fs::path& tar, const TarIndex::Member& member) {
  return std::string(as_text(read_range(tar, member.offset, member.size)));
}

TEST_F(TarIndexTest, FindsEachMembersBytes) {
  const auto tar = write("a.tar", tar_of({{"b.txt", "second"},
                                          {"./a.txt", std::string(700, 'x')},
                                          {"empty", ""},
                                          {"d/c.json", "{}"}}));
  const TarIndex index(tar);
  EXPECT_EQ(index.size(), 4u);
  EXPECT_EQ(content(tar, index.find("b.txt")), "second");
  EXPECT_EQ(content(tar, index.find("a.txt")), std::string(700, 'x'));
  EXPECT_EQ(content(tar, index.find("./b.txt")), "second");
  EXPECT_EQ(content(tar, index.find("empty")), "");
  EXPECT_EQ(content(tar, index.find("d/c.json")), "{}");
}

// "<length> path=<name>\n", the length counting itself.
std::string pax_path(const std::string& name) {
  const std::string rest = " path=" + name + "\n";
  size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length) ++length;
  return std::to_string(length) + rest;
}

TEST_F(TarIndexTest, FindsMembersBehindLongAndChineseNames) {
  const std::string deep = std::string(150, 'd') + "/" + std::string(160, 'f') + ".txt";
  const std::string apple = "图片/苹果.txt";
  const auto tar = write(
      "a.tar", tar_member("pax", pax_path(deep), 'x') + tar_member("short", "pax deep") +
                   tar_member("pax", pax_path(apple), 'x') + tar_member("short", "pax apple") +
                   tar_member("./@LongLink", std::string("g") + deep + '\0', 'L') +
                   tar_member("short", "gnu deep") + tar_of({{"g/" + apple, "ustar apple"}}));
  const TarIndex index(tar);
  EXPECT_EQ(index.size(), 4u);
  EXPECT_EQ(content(tar, index.find(deep)), "pax deep");
  EXPECT_EQ(content(tar, index.find(apple)), "pax apple");
  EXPECT_EQ(content(tar, index.find("g" + deep)), "gnu deep");
  EXPECT_EQ(content(tar, index.find("g/" + apple)), "ustar apple");
}

TEST_F(TarIndexTest, FindsAMemberByKeyWhereOneHasIt) {
  const TarIndex index(
      write("a.tar", tar_of({{"01.jpg", "x"}, {"01.json", "y"}, {"02.wav", "zz"}})));
  EXPECT_EQ(index.find("02").size, 2u);
  expect_error(ErrorCode::kNotFound, {"no member '01'"}, [&] { index.find("01"); });
  expect_error(ErrorCode::kNotFound, {"a.tar", "no member '03.jpg'"},
               [&] { index.find("03.jpg"); });
}

TEST_F(TarIndexTest, TakesTheLastOfTwoMembersWithOneName) {
  const auto tar = write("a.tar", tar_of({{"a", "old"}, {"a", "newer"}}));
  EXPECT_EQ(content(tar, TarIndex(tar).find("a")), "newer");
}

TEST_F(TarIndexTest, KeepsWhatPrecedesADamage) {
  const auto whole = tar_of({{"a", std::string(600, 'a')}, {"b", std::string(600, 'b')}});
  for (const size_t size :
       {size_t{512 + 1024 + 512 + 100}, size_t{512 + 1024 + 300}}) {  // in b's data, in its header
    const auto tar = write("t" + std::to_string(size) + ".tar", whole.substr(0, size));
    const TarIndex index(tar);
    EXPECT_EQ(content(tar, index.find("a")), std::string(600, 'a'));
    expect_error(ErrorCode::kInput, {"no member 'b'", "damaged after 1 members"},
                 [&] { index.find("b"); });
  }
}

TEST_F(TarIndexTest, RefusesWhatIsNoPlainTar) {
  expect_error(ErrorCode::kInput, {"a.tar", "plain tar"},
               [&] { TarIndex(write("a.tar", "not a tar at all")); });
  expect_error(ErrorCode::kInput, {"b.tar", "unpacked"}, [&] {
    TarIndex(write("b.tar", std::string("\x1f\x8b\x08\0\0\0", 6) + std::string(600, 'z')));
  });
  expect_error(ErrorCode::kNotFound, {"none.tar"}, [&] { TarIndex(folder_ / "none.tar"); });
  expect_error(ErrorCode::kInput, {"not a file"}, [&] { TarIndex{folder_}; });
}

TEST_F(TarIndexTest, IsMadeOnceAndAgainWhenTheFileChanges) {
  const auto tar = write("a.tar", tar_of({{"a", "1"}}));
  const auto first = tar_index(tar);
  EXPECT_EQ(tar_index(tar), first);
  write("a.tar", tar_of({{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(tar_index(tar)->size(), 2u);
}

TEST_F(TarIndexTest, IsSharedByManyThreads) {
  const auto tar = write("a.tar", tar_of({{"a", "1"}, {"b", "22"}}));
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { right += tar_index(tar)->find("b").size == 2; });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 8);
}

}  // namespace
}  // namespace braid::data_test
