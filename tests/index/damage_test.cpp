// Damaged indexes: each must end in one Error that names the file, when opened or when verified.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "braid/core/file.h"
#include "tests/index/items.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DamagedIndex : public ::testing::Test {
 protected:
  DamagedIndex() {
    auto index = create_index(folder_, kTestOrigin, 4);
    std::vector<IndexItem> items;
    for (uint64_t i = 0; i < 10; ++i) {
      items.push_back(item_of("k" + std::to_string(i), random_vector(4, i)));
    }
    index->add(items);
    index->remove(std::vector<std::string>{"k3"});
  }

  std::string open() {
    return error_of([&] { open_index(folder_)->search(std::vector<float>{1, 0, 0, 0}, 3); });
  }
  std::string verify() {
    return error_of([&] { open_index(folder_)->verify(); });
  }
  void sql(const char* text) {
    sqlite3* database = nullptr;
    sqlite3_open((folder_ / "index.sqlite").c_str(), &database);
    ASSERT_EQ(sqlite3_exec(database, text, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  // Replaces bytes of the segment; a negative place counts from the end.
  void patch(int64_t place, const std::string& bytes) {
    std::string content = read_text(segment_);
    const auto at =
        static_cast<size_t>(place < 0 ? static_cast<int64_t>(content.size()) + place : place);
    content.replace(at, bytes.size(), bytes);
    write_atomic(segment_, content);
  }

  Scratch scratch_;
  std::filesystem::path folder_ = scratch_ / "x.index";
  std::filesystem::path segment_ = folder_ / "segment-1.bin";
};

TEST_F(DamagedIndex, IsFineBeforeTheDamage) {
  EXPECT_EQ(open(), "no error");
  EXPECT_EQ(verify(), "no error");
}

TEST_F(DamagedIndex, IsMissed) {
  EXPECT_THAT(error_of([&] { open_index(scratch_ / "none"); }), HasSubstr("not_found: "));
  std::filesystem::create_directory(scratch_ / "bare");
  EXPECT_THAT(error_of([&] { open_index(scratch_ / "bare"); }),
              AllOf(HasSubstr("not_found: "), HasSubstr("no index.sqlite in it")));
}

TEST_F(DamagedIndex, LacksASegment) {
  std::filesystem::remove(segment_);
  EXPECT_THAT(open(), AllOf(HasSubstr("input: "), HasSubstr("segment-1.bin: missing"),
                            HasSubstr("rebuild the index")));
}

TEST_F(DamagedIndex, HasAShortOrLongSegment) {
  const std::string whole = read_text(segment_);
  ASSERT_EQ(whole.size(), 64u + 10 * 4 * 4 + 32);
  for (size_t size : {0, 10, 95, 100, 255}) {
    write_atomic(segment_, whole.substr(0, size));
    EXPECT_THAT(open(), AllOf(HasSubstr("input: "), HasSubstr("segment-1.bin"),
                              HasSubstr("has " + std::to_string(size) + " bytes")));
  }
  write_atomic(segment_, whole + "x");
  EXPECT_THAT(open(), HasSubstr("has 257 bytes, expected 256"));
}

TEST_F(DamagedIndex, HasAWrongSegmentHeader) {
  patch(0, "BROKEN");
  EXPECT_THAT(open(), HasSubstr("does not begin as a segment does"));
  patch(0, "BRAIDS");
  patch(8, "\x02");
  EXPECT_THAT(open(), HasSubstr("has format 2, expected 1"));
  patch(8, "\x01");
  patch(12, "\x05");
  EXPECT_THAT(open(), HasSubstr("holds [10, 5] vectors, expected [10, 4]"));
  patch(12, "\x04");
  patch(16, std::string(8, '\xff'));
  EXPECT_THAT(open(), HasSubstr("holds [18446744073709551615, 4] vectors"));
}

TEST_F(DamagedIndex, HasAnotherIndexesSegment) {
  patch(-32, std::string(32, '0'));
  EXPECT_THAT(open(), AllOf(HasSubstr("segment-1.bin"), HasSubstr("another hash")));
}

TEST_F(DamagedIndex, HasAFlippedBitInAVector) {
  patch(100, "\x77");
  EXPECT_EQ(open(), "no error");  // opening reads no vectors
  EXPECT_THAT(verify(), AllOf(HasSubstr("segment-1.bin"), HasSubstr("hash")));
  // Compacting must not give the damaged vector a fresh hash.
  EXPECT_THAT(error_of([&] { open_index(folder_)->compact(); }), HasSubstr("segment-1.bin"));
}

TEST_F(DamagedIndex, HasNoSqliteFile) {
  write_atomic(folder_ / "index.sqlite", std::string(5000, 'x'));
  EXPECT_THAT(open(), AllOf(HasSubstr("input: "), HasSubstr("index.sqlite"), HasSubstr("damaged")));
  write_atomic(folder_ / "index.sqlite", "");
  EXPECT_THAT(open(), HasSubstr("not of an index"));
}

TEST_F(DamagedIndex, HasAShortOrScribbledSqliteFile) {
  const std::string whole = read_text(folder_ / "index.sqlite");
  int refused = 0;
  for (size_t page = 1; page < whole.size() / 4096; ++page) {
    std::string content = whole;
    content.replace(page * 4096, 4096, 4096, '\x55');
    write_atomic(folder_ / "index.sqlite", content);
    const std::string error = verify();
    EXPECT_THAT(error, AllOf(HasSubstr("input: "), HasSubstr("index.sqlite"))) << page;
    refused += error != "no error";
    write_atomic(folder_ / "index.sqlite", whole.substr(0, page * 4096));
    EXPECT_THAT(verify(), HasSubstr("index.sqlite")) << page;
  }
  EXPECT_GT(refused, 4);
}

TEST_F(DamagedIndex, IsOfAnotherFormat) {
  sql("PRAGMA user_version = 3");
  EXPECT_THAT(open(), AllOf(HasSubstr("index format 3, this program reads 1 to 2"),
                            HasSubstr("rebuild the index")));
}

TEST_F(DamagedIndex, OfTheFirstFormatIsReadAndBecomesTheSecondWhenChanged) {
  sql("DROP TABLE ann; PRAGMA user_version = 1");
  EXPECT_EQ(open(), "no error");
  EXPECT_EQ(verify(), "no error");
  auto index = open_index(folder_);
  EXPECT_EQ(index->info().kind, IndexKind::kExact);
  index->add(std::vector{item_of("new", {0, 0, 0, 1})});
  EXPECT_EQ(index->size(), 10);
  sql("INSERT INTO ann VALUES (99, 'hnsw', '', 1, 1)");  // the table is there
}

TEST_F(DamagedIndex, HasAnotherWidth) {
  sql("UPDATE meta SET value = 8 WHERE name = 'width'");
  EXPECT_THAT(open(), HasSubstr("holds [10, 4] vectors, expected [10, 8]"));
  sql("UPDATE meta SET value = -1 WHERE name = 'width'");
  EXPECT_THAT(open(), HasSubstr("damaged (width -1)"));
  sql("DELETE FROM meta WHERE name = 'width'");
  EXPECT_THAT(open(), HasSubstr("lacks width"));
}

TEST_F(DamagedIndex, HasItemsOutsideTheirSegment) {
  sql("UPDATE items SET row = 10 WHERE key = 'k5'");
  EXPECT_THAT(open(), HasSubstr("in row 10 of 10"));
  sql("UPDATE items SET row = -1 WHERE key = 'k5'");
  EXPECT_THAT(open(), HasSubstr("in row -1 of 10"));
  sql("UPDATE items SET row = 5, segment = 9 WHERE key = 'k5'");
  EXPECT_THAT(verify(), HasSubstr("1 items are in no segment"));
  sql("UPDATE segments SET rows = 1 << 60");
  EXPECT_THAT(open(), HasSubstr("segment 1 with 1152921504606846976 rows"));
  sql("DROP TABLE segments");
  EXPECT_THAT(open(), HasSubstr("not as an index has it"));
}

}  // namespace
}  // namespace braid
