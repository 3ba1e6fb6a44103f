#include "braid/data/tar_index.h"

#include <archive.h>
#include <archive_entry.h>

#include "data_test.h"

namespace braid::data_test {
namespace {

using TarIndexTest = DataTest;

std::string content(const fs::path& tar, const TarIndex::Member& member) {
  return std::string(as_text(read_range(tar, member.offset, member.size)));
}

void pack(const fs::path& tar, int format, const std::vector<std::pair<std::string, std::string>>& members) {
  archive* out = archive_write_new();
  archive_write_set_format(out, format);
  archive_write_set_options(out, "hdrcharset=UTF-8");
  ASSERT_EQ(archive_write_open_filename(out, tar.c_str()), ARCHIVE_OK);
  for (const auto& [name, text] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname_utf8(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<int64_t>(text.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(out, entry);
    archive_write_data(out, text.data(), text.size());
    archive_entry_free(entry);
  }
  archive_write_free(out);
}

TEST_F(TarIndexTest, FindsEachMembersBytes) {
  const auto tar = write("a.tar", tar_of({{"b.txt", "second"}, {"./a.txt", std::string(700, 'x')},
                                          {"empty", ""}, {"d/c.json", "{}"}}));
  const TarIndex index(tar);
  EXPECT_EQ(index.size(), 4u);
  EXPECT_EQ(content(tar, index.find("b.txt")), "second");
  EXPECT_EQ(content(tar, index.find("a.txt")), std::string(700, 'x'));
  EXPECT_EQ(content(tar, index.find("./b.txt")), "second");
  EXPECT_EQ(content(tar, index.find("empty")), "");
  EXPECT_EQ(content(tar, index.find("d/c.json")), "{}");
}

TEST_F(TarIndexTest, FindsMembersBehindLongAndChineseNames) {
  const std::string deep = std::string(150, 'd') + "/" + std::string(160, 'f') + ".txt";
  for (const int format : {ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FORMAT_TAR_GNUTAR}) {
    const auto tar = folder_ / ("f" + std::to_string(format) + ".tar");
    pack(tar, format, {{deep, "deep"}, {"图片/苹果.txt", "apple"}, {"z.txt", "last"}});
    const TarIndex index(tar);
    EXPECT_EQ(content(tar, index.find(deep)), "deep");
    EXPECT_EQ(content(tar, index.find("图片/苹果.txt")), "apple");
    EXPECT_EQ(content(tar, index.find("z.txt")), "last");
  }
}

TEST_F(TarIndexTest, FindsAMemberByKeyWhereOneHasIt) {
  const TarIndex index(write("a.tar", tar_of({{"01.jpg", "x"}, {"01.json", "y"}, {"02.wav", "zz"}})));
  EXPECT_EQ(index.find("02").size, 2u);
  expect_error(ErrorCode::kNotFound, {"no member '01'"}, [&] { index.find("01"); });
  expect_error(ErrorCode::kNotFound, {"a.tar", "no member '03.jpg'"}, [&] { index.find("03.jpg"); });
}

TEST_F(TarIndexTest, TakesTheLastOfTwoMembersWithOneName) {
  const auto tar = write("a.tar", tar_of({{"a", "old"}, {"a", "newer"}}));
  EXPECT_EQ(content(tar, TarIndex(tar).find("a")), "newer");
}

TEST_F(TarIndexTest, KeepsWhatPrecedesADamage) {
  const auto whole = tar_of({{"a", std::string(600, 'a')}, {"b", std::string(600, 'b')}});
  for (const size_t size : {size_t{512 + 1024 + 512 + 100}, size_t{512 + 1024 + 300}}) {  // in b's data, in its header
    const auto tar = write("t" + std::to_string(size) + ".tar", whole.substr(0, size));
    const TarIndex index(tar);
    EXPECT_EQ(content(tar, index.find("a")), std::string(600, 'a'));
    expect_error(ErrorCode::kInput, {"no member 'b'", "damaged after 1 members"}, [&] { index.find("b"); });
  }
}

TEST_F(TarIndexTest, RefusesWhatIsNoPlainTar) {
  expect_error(ErrorCode::kInput, {"a.tar", "plain tar"}, [&] { TarIndex(write("a.tar", "not a tar at all")); });
  expect_error(ErrorCode::kInput, {"b.tar", "unpacked"},
               [&] { TarIndex(write("b.tar", std::string("\x1f\x8b\x08\0\0\0", 6) + std::string(600, 'z'))); });
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
