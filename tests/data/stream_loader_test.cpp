// The loader over tars, and over tables that do not fit into memory.
#include <algorithm>

#include "braid/data/loader.h"
#include "packed.h"

namespace braid::data_test {
namespace {

class StreamLoaderTest : public DataTest {
 protected:
  // Rows 0 .. n-1: a "picture" that holds its number, a text that holds it too.
  void make_data(int n, int shards) {
    std::string rows;
    std::vector<std::pair<std::string, std::string>> members, pictures;
    for (int i = 0; i < n; ++i) {
      const auto number = std::to_string(i);
      const auto key = std::string(4 - number.size(), '0') + number;
      pictures.emplace_back(key + ".jpg", number);
      rows += "{\"image\": \"img.tar#" + key + ".jpg\", \"text\": \"" + number + "\"}\n";
      members.insert(members.end(), {{key + ".jpg", number}, {key + ".txt", number}});
      if ((i + 1) % ((n + shards - 1) / shards) && i + 1 < n) continue;
      const auto name = std::to_string(shard_++);
      write("plain/" + name + ".tar", tar_of(members));
      write("packed/" + name + ".tar.gz", packed(tar_of(members)));
      members.clear();
    }
    write("img.tar", tar_of(pictures));
    write("all.jsonl", rows);
  }

  // Every batch of two epochs as text.
  std::vector<std::string> batches(DataConfig data, const std::string& from, int64_t workers,
                                   int64_t first_step = 0, int64_t cache_bytes = 0) {
    data.manifest = {from};
    const auto dataset = open_dataset(data, {image_field("image"), text_field("text")}, folder_);
    LoaderConfig config;
    config.batch = 7;
    config.workers = workers;
    config.seed = 3;
    config.cache_bytes = cache_bytes;
    const auto loader = make_loader(*dataset, dataset->rows(""), {&fake_, &fake_}, config);
    std::vector<std::string> out;
    for (const int64_t epoch : {0, 1}) {
      loader->start(epoch, first_step);
      while (const auto batch = loader->next()) {
        auto& text = out.emplace_back();
        for (const int64_t row : batch->rows) text += std::to_string(row) + " ";
        for (const auto& field : batch->fields) {
          for (const int64_t value : field.slots[0].batch.values.values<int64_t>())
            text += std::to_string(value) + " ";
        }
      }
    }
    return out;
  }

  FakeModality fake_;
  int shard_ = 0;
};

TEST_F(StreamLoaderTest, EveryLayoutOfTheSameRowsGivesTheSameBatches) {
  make_data(50, 4);
  const auto expected = batches({}, "all.jsonl", 0);
  EXPECT_EQ(expected.size(), 14u);
  EXPECT_EQ(batches({}, "plain", 2), expected);
  DataConfig buffered;
  buffered.shuffle_buffer = 10;
  // A table is one stream, the shards are four: one shard, then, for equal orders.
  shard_ = 0;
  fs::remove_all(folder_ / "plain");
  fs::remove_all(folder_ / "packed");
  make_data(50, 1);
  const auto streamed = batches(buffered, "all.jsonl", 0);
  EXPECT_NE(streamed, expected);
  EXPECT_EQ(batches(buffered, "plain", 3), streamed);
  EXPECT_EQ(batches(buffered, "packed", 3), streamed);
}

TEST_F(StreamLoaderTest, StreamsDependNeitherOnWorkersNorOnWhereTheyBegin) {
  make_data(60, 3);
  DataConfig config;
  config.shuffle_buffer = 16;
  const auto expected = batches(config, "packed", 0);
  ASSERT_EQ(expected.size(), 16u);
  for (const int64_t workers : {1, 4}) {
    EXPECT_EQ(batches(config, "packed", workers), expected);
    EXPECT_EQ(batches(config, "packed", workers, 0, 1 << 20), expected);
    const auto late = batches(config, "packed", workers, 5);
    EXPECT_EQ(late, (std::vector<std::string>{expected[5], expected[6], expected[7], expected[13],
                                              expected[14], expected[15]}));
  }
}

TEST_F(StreamLoaderTest, ATableThatStaysOnDiskGivesTheSame) {
  make_data(40, 1);
  DataConfig on_disk;
  on_disk.table_mb = 0;
  for (const char* from : {"all.jsonl", "plain", "packed"}) {
    for (const int64_t workers : {0, 4})
      EXPECT_EQ(batches(on_disk, from, workers), batches({}, from, 0)) << from;
  }
  const auto large = open_dataset(
      [&] {
        auto config = on_disk;
        config.manifest = {"all.jsonl"};
        config.key = "text";
        config.hash = {{"train", 0.5}, {"val", 0.5}};
        return config;
      }(),
      {text_field("text")}, folder_);
  EXPECT_EQ(large->key(17), "17");
  EXPECT_EQ(large->where(17), "all.jsonl:18");
  write("double.jsonl", "{\"text\": 1}\n{\"text\": 2}\n{\"text\": 1}\n");
  on_disk.manifest = {"double.jsonl"};
  on_disk.key = "text";
  expect_error(ErrorCode::kInput, {"double.jsonl:3", "'1' stands twice", "double.jsonl:1"},
               [&] { open_dataset(on_disk, {text_field("text")}, folder_); });
}

// Pages of the manifest's reader are 4 MiB: rows, quotes and blank lines lie across their ends.
TEST_F(StreamLoaderTest, RowsAcrossPagesAreWhole) {
  std::string jsonl = "\xef\xbb\xbf", csv = "id,text\n";
  for (int i = 0; i < 300; ++i) {
    const auto filler = std::string(40000 + 37 * i, static_cast<char>('a' + i % 26));
    jsonl += "{\"id\": " + std::to_string(i) + ", \"text\": \"" + filler + "\"}\n" +
             (i % 3 ? "" : "\r\n  \n");
    csv += std::to_string(i) + ",\"" + filler + "\n\"\"" + filler + "\"\r\n";
  }
  write("big.jsonl", jsonl);
  write("big.csv", csv);
  for (const std::string name : {"big.jsonl", "big.csv"}) {
    DataConfig config = one_manifest(name);
    config.table_mb = 0;
    config.key = "id";
    const auto data = open_dataset(config, {text_field("text")}, folder_);
    ASSERT_EQ(data->size(), 300);
    for (int64_t row = 0; row < 300; row += 7) {
      EXPECT_EQ(data->key(row), std::to_string(row));
      const auto text = data->values(row, 0, 0).at(0).text;
      const auto filler = std::string(40000 + 37 * row, static_cast<char>('a' + row % 26));
      EXPECT_TRUE(text == (name == "big.csv" ? filler + "\n\"" + filler : filler)) << row;
    }
    const auto line = name == "big.csv" ? 2 + 2 * 299 : 1 + 299 + 2 * 100;
    EXPECT_EQ(data->where(299), name + ":" + std::to_string(line));
  }
}

}  // namespace
}  // namespace braid::data_test
