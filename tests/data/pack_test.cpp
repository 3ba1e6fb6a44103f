#include "braid/data/pack.h"

#include <nlohmann/json.hpp>

#include "packed.h"

namespace braid::data_test {
namespace {

class PackTest : public DataTest {
 protected:
  fs::path manifest(int rows = 5) const {
    std::string text;
    for (int i = 0; i < rows; ++i) {
      const auto n = std::to_string(i);
      write("img/" + n + ".jpg", "picture " + n);
      write("img/" + n + "b.jpg", "second " + n);
      write("snd/" + n + ".wav", "sound " + n);
      using Json = nlohmann::ordered_json;
      Json row;
      row["id"] = "k" + n;
      row["image"] = "img/" + n + ".jpg";
      row["more"] = Json::array({"img/" + n + ".jpg", "img/" + n + "b.jpg"});
      row["sound"] = i % 2 ? Json() : Json("snd/" + n + ".wav");
      row["texts"] = Json::array({"a \"dog\"", "只狗"});
      row["nested"]["n"] = i;
      row["nested"]["list"] = Json::array({1.5, true});
      text += row.dump() + "\n";
    }
    return write("all.jsonl", text);
  }

  PackConfig config(const std::string& from, const std::string& to) const {
    PackConfig config;
    config.data = one_manifest(from);
    config.base = folder_;
    config.output = folder_ / to;
    return config;
  }

  std::unique_ptr<Dataset> open(const std::string& name) const {
    return open_dataset(one_manifest(name),
                        {image_field("image"),
                         {"more", "image", {{"", {"more"}}}},
                         {"sound", "sound", {{"", {"sound"}}}}},
                        folder_);
  }
};

// Everything but the names of files, and the bytes of the files.
std::vector<std::string> spelled(const Dataset& data) {
  std::vector<std::string> rows;
  for (int64_t row = 0; row < data.size(); ++row) {
    auto cells = nlohmann::ordered_json::parse(data.row_json(row));
    for (const char* name : {"image", "more", "sound", "__key__", "jpg", "wav", "more.jpg"})
      cells.erase(name);
    rows.push_back(cells.dump());
    for (size_t field = 0; field < data.fields().size(); ++field) {
      for (const auto& value : data.values(row, field, 0)) rows.back() += " " + bytes_of(value);
    }
  }
  return rows;
}

TEST_F(PackTest, KeepsAllFieldsAndBytes) {
  manifest();
  for (const bool zst : {false, true}) {
    auto how = config("all.jsonl", std::string("s") + (zst ? "z" : "p") + "/x-%03d.tar");
    how.max_count = 2;
    how.zst = zst;
    const auto made = pack(how);
    EXPECT_EQ(made.samples, 5);
    EXPECT_EQ(made.shards.size(), 3u);
    EXPECT_EQ(made.files, (std::vector<std::string>{"image", "more", "sound"}));
    EXPECT_TRUE(made.shards[2].ends_with(zst ? "x-002.tar.zst" : "x-002.tar")) << made.shards[2];
    const auto shards = open(zst ? "sz" : "sp");
    ASSERT_EQ(shards->size(), 5);
    EXPECT_EQ(spelled(*shards), spelled(*open("all.jsonl")));
    EXPECT_EQ(shards->column(0, "image"), std::vector<std::string>{"000000.jpg"});
    EXPECT_EQ(shards->where(4), std::string("x-002.tar") + (zst ? ".zst" : "") + "#000004");
  }
}

TEST_F(PackTest, PacksItsOwnShardsToTheSameBytes) {
  manifest();
  pack(config("all.jsonl", "one.tar"));
  // Columns that are members only (jpg, wav) come into the .json once; from then on nothing moves.
  pack(config("one.tar", "two.tar"));
  pack(config("two.tar", "three.tar"));
  EXPECT_EQ(read_text(folder_ / "two.tar"), read_text(folder_ / "three.tar"));
  EXPECT_EQ(spelled(*open("one.tar")), spelled(*open("three.tar")));
}

TEST_F(PackTest, CutsShardsBySize) {
  manifest(6);
  auto how = config("all.jsonl", "s/x-%d.tar");
  how.max_bytes = 1;  // every sample is larger: one each
  EXPECT_EQ(pack(how).shards.size(), 6u);
  how.output = folder_ / "t/x-%d.tar";
  how.max_bytes = 9 << 10;  // samples take 4 or 5 members of 1 KiB
  const auto made = pack(how);
  EXPECT_EQ(made.shards.size(), 3u);
  EXPECT_LT(fs::file_size(made.shards[0]), 20u << 10);  // a tar ends on a multiple of 10 KiB
}

TEST_F(PackTest, PacksOneSplitRowsOfArraysAndMembersOfTars) {
  write("x-idx3-ubyte", idx_of({2, 1, 1}, "ab"));
  write("t.tar", tar_of({{"p/q.PNG", "png bytes"}}));
  write("a.csv", "image,split\nx-idx3-ubyte#1,train\nt.tar#p/q.PNG,val\n");
  auto how = config("a.csv", "val.tar");
  how.data.split_column = "split";
  how.split = "val";
  how.files = {"image"};
  EXPECT_EQ(pack(how).samples, 1);
  const auto data = open_dataset(one_manifest("val.tar"), {image_field("image")}, folder_);
  EXPECT_EQ(data->row_json(0),
            R"({"image":"000000.png","split":"val","__key__":"000000","png":"000000.png"})");
  EXPECT_EQ(bytes_of(data->values(0, 0, 0).at(0)), "png bytes");
  how.split = "train";
  how.output = folder_ / "train.tar";
  pack(how);
  const auto train = open_dataset(one_manifest("train.tar"), {image_field("image")}, folder_);
  EXPECT_TRUE(bytes_of(train->values(0, 0, 0).at(0)).starts_with("\x89PNG"));
  how.split = "test";
  expect_error(ErrorCode::kUsage, {"no rows in split 'test'"}, [&] { pack(how); });
}

TEST_F(PackTest, StopsAtWhatItCannotPack) {
  manifest(2);
  auto how = config("all.jsonl", "x.tar");
  pack(how);
  expect_error(ErrorCode::kState, {"x.tar", "there already"}, [&] { pack(how); });
  fs::remove(folder_ / "img/1b.jpg");
  how.output = folder_ / "y.tar";
  expect_error(ErrorCode::kNotFound, {"all.jsonl:2", "img/1b.jpg"}, [&] { pack(how); });
  EXPECT_FALSE(fs::exists(folder_ / "y.tar"));
  StopFlag stop;
  stop.request();
  expect_error(ErrorCode::kInterrupted, {"stopped"}, [&] { pack(how, {}, &stop); });
}

TEST_F(PackTest, NamesShards) {
  EXPECT_EQ(shard_name("a-%06d.tar", 7), "a-000007.tar");
  EXPECT_EQ(shard_name("a-%d.tar.zst", 7), "a-7.tar.zst");
  EXPECT_EQ(shard_name("a-%02d.tar", 123), "a-123.tar");
  EXPECT_EQ(shard_name("a.tar", 7), "a.tar");
  for (const char* bad : {"a.zip", "a-%s.tar", "a-%d-%d.tar", "a-%.tar", "a-%1234d.tar", "%n.tar"})
    expect_error(ErrorCode::kUsage, {bad, "train-%06d.tar"}, [&] { shard_name(bad, 0); });
}

}  // namespace
}  // namespace braid::data_test
