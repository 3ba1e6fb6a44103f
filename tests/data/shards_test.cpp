// WebDataset tars as tables, and compressed tars as streams.
#include "braid/data/layout/layout.h"
#include "braid/data/member_window.h"
#include "packed.h"

namespace braid::data_test {
namespace {

using Lines = std::vector<std::string>;

const std::vector<std::pair<std::string, std::string>> kTwoSamples = {
    {"a/01.jpg", "one"},
    {"a/01.txt", "a dog\n\n a hound \n"},
    {"a/01.seg.png", "mask"},
    {"02.jpg", "two"},
    {"02.txt", "一只猫"}};

class ShardsTest : public DataTest {
 protected:
  std::unique_ptr<Dataset> open(const std::string& name, DataConfig config = {}) const {
    config.manifest = {name};
    return open_dataset(config, {image_field("image"), text_field("text")}, folder_);
  }
  void expect_refused(const std::string& tar, const Lines& parts,
                      ErrorCode code = ErrorCode::kInput) const {
    write("plain.tar", tar);
    write("packed.tar.gz", packed(tar));
    for (const char* name : {"plain.tar", "packed.tar.gz"})
      expect_error(code, parts, [&] { open(name); });
  }
};

TEST_F(ShardsTest, GroupsMembersByTheirNameUpToTheFirstDot) {
  const auto tar = tar_of(kTwoSamples);
  write("s.tar", tar);
  write("s.tar.gz", packed(tar));
  write("s.tar.zst", packed(tar, true));
  write("s.tgz", packed(tar));
  for (const std::string name : {"s.tar", "s.tar.gz", "s.tar.zst", "s.tgz"}) {
    const auto data = open(name);
    EXPECT_EQ(row_texts(*data),
              (Lines{R"({"__key__":"a/01","image":"a/01.jpg","jpg":"a/01.jpg",)"
                     R"("text":["a dog","a hound"],"txt":["a dog","a hound"],)"
                     R"("seg.png":"a/01.seg.png"})",
                     R"({"__key__":"02","image":"02.jpg","jpg":"02.jpg","text":"一只猫",)"
                     R"("txt":"一只猫"})"}))
        << name;
    EXPECT_EQ(data->where(0), name + "#a/01");
    EXPECT_EQ(bytes_of(data->values(0, 0, 0).at(0)), "one");
    EXPECT_EQ(bytes_of(data->values(1, 0, 0).at(0)), "two");
    EXPECT_EQ(bytes_of(data->values(0, 0, 0).at(0)), "one");  // once more, behind the stream
    EXPECT_EQ(data->streams().at(0).layout, "shards");
    EXPECT_EQ(data->streams().at(0).in_order_only, name != "s.tar");
    EXPECT_EQ(data->shuffle_buffer().has_value(), name != "s.tar");
  }
}

TEST_F(ShardsTest, TakesTheKeysOfTheJsonAsColumns) {
  write("s.tar", tar_of({{"1.jpg", "x"},
                         {"1.json", R"({"text": "from json", "tags": ["a"], "t": {"n": 1}})"},
                         {"1.txt", "from txt"},
                         {"1.cls", "7\n"},
                         {"._1.jpg", "left by a file manager"}}));
  const auto data = open("s.tar");
  ASSERT_EQ(data->size(), 1);
  EXPECT_EQ(data->row_json(0),
            R"({"text":"from json","tags":["a"],"t":{"n":1},"__key__":"1","image":"1.jpg",)"
            R"("jpg":"1.jpg","txt":"from txt","cls":"7"})");
}

TEST_F(ShardsTest, ReadsRangesStarsAndFoldersInOrder) {
  for (const int i : {8, 9, 10, 11}) {
    const auto n = std::to_string(i);
    write("s/t-" + std::string(i < 10 ? "0" : "") + n + ".tar",
          tar_of({{n + ".jpg", n}, {n + ".txt", "text " + n}}));
  }
  for (const char* name : {"s/t-{08..11}.tar", "s/t-*.tar", "s", "s/", "s/t-{08,09,10,11}.tar"}) {
    const auto data = open(name);
    ASSERT_EQ(data->size(), 4) << name;
    EXPECT_EQ(texts_of(data->values(2, 1, 0)), Lines{"text 10"});
    EXPECT_EQ(data->where(3), "t-11.tar#11");
  }
  DataConfig config;
  config.files = {{"train", {"s/t-{08..10}.tar"}}, {"val", {"s/t-11.tar"}}};
  const auto split = open_dataset(config, {}, folder_);
  EXPECT_EQ(split->rows("train").size(), 3u);
  expect_error(ErrorCode::kNotFound, {"t-12.tar"}, [&] { open("s/t-{08..12}.tar"); });
  expect_error(ErrorCode::kNotFound, {"none-*.tar"}, [&] { open("s/none-*.tar"); });
}

TEST_F(ShardsTest, RefusesMembersTwiceTornSamplesAndMissingHalves) {
  expect_refused(tar_of({{"1.jpg", "x"}, {"1.txt", "t"}, {"1.jpg", "y"}}), {"1.jpg", "twice"});
  expect_refused(tar_of({{"1.jpg", "x"}, {"2.jpg", "y"}, {"1.txt", "t"}}),
                 {"sample '1' stands twice", "follow each other"});
  expect_refused(tar_of({{"1.jpg", "x"}, {"1.txt", "t"}, {"2.jpg", "y"}}),
                 {"sample '2' has no .txt", "keep_unpaired"});
  expect_refused(tar_of({{"1.jpg", "x"}, {"1.txt", "t"}, {"2.txt", "y"}}),
                 {"sample '2' has no picture"});
  expect_refused(tar_of({{"README", "x"}}), {"README", "KEY.EXTENSION"});
  expect_refused(tar_of({}), {"no samples"});
  expect_refused(tar_member("1.jpg", "x") + tar_member("1.txt", "", '2') + std::string(1024, '\0'),
                 {"1.txt", "link"});
  expect_refused(tar_of({{"1.json", "{"}}), {"1.json", "not valid JSON"});
  expect_refused(tar_of({{"1.txt", "\xff"}}), {"1.txt", "UTF-8"});
  expect_refused(tar_of({{"1.txt", std::string(2 << 20, 'x')}}), {"1.txt", "limit"},
                 ErrorCode::kLimit);
}

TEST_F(ShardsTest, TakesUnpairedSamplesWhereToldTo) {
  const auto tar = tar_of({{"1.jpg", "x"}, {"1.txt", "t"}, {"2.jpg", "y"}});
  write("s.tar", tar);
  write("s.tar.gz", packed(tar));
  DataConfig config;
  config.keep_unpaired = true;
  for (const char* name : {"s.tar", "s.tar.gz"}) {
    const auto data = open(name, config);
    ASSERT_EQ(data->size(), 2);
    EXPECT_TRUE(data->values(1, 1, 0).empty());
  }
}

TEST_F(ShardsTest, RefusesTarsThatAreCutOff) {
  std::vector<std::pair<std::string, std::string>> members;
  for (int i = 0; i < 50; ++i) {
    std::string noise(3000, '\0');
    Rng rng(static_cast<uint64_t>(i));
    for (char& c : noise) c = static_cast<char>(rng.next());
    members.emplace_back(std::to_string(i) + ".jpg", noise);
  }
  const auto whole = tar_of(members);
  for (const bool zst : {false, true}) {
    const auto all = packed(whole, zst);
    const std::string name = zst ? "cut.tar.zst" : "cut.tar.gz";
    for (const size_t size : {all.size() / 2, all.size() - 20}) {
      write(name, all.substr(0, size));
      expect_error(ErrorCode::kInput, {name, "cut off"}, [&] { open(name); });
    }
  }
  write("cut.tar", whole.substr(0, whole.size() / 2));
  expect_error(ErrorCode::kInput, {"cut.tar", "cut off after 25 members"},
               [&] { open("cut.tar"); });
  write("cut.tar", whole.substr(0, 20 * (512 + 3072)));  // between two members
  expect_error(ErrorCode::kInput, {"cut.tar", "cut off after 20 members", "empty block"},
               [&] { open("cut.tar"); });
  write("no.tar.gz", "not packed at all");
  expect_error(ErrorCode::kInput, {"no.tar.gz"}, [&] { open("no.tar.gz"); });
}

TEST_F(ShardsTest, RefusesBombs) {
  // 80 MiB of zeros in one member: some KB by zstd.
  const auto tar = tar_of({{"1.jpg", std::string(80 << 20, '\0')}});
  write("bomb.tar.zst", packed(tar, true));
  expect_error(ErrorCode::kLimit, {"bomb.tar.zst", "bomb"}, [&] { open("bomb.tar.zst"); });
}

TEST_F(ShardsTest, WindowGivesMembersInAnyOrderToManyThreads) {
  std::vector<std::pair<std::string, std::string>> members;
  for (int i = 0; i < 60; ++i)
    members.emplace_back(std::to_string(i) + ".x", std::string(1000, static_cast<char>('0' + i)));
  const auto path = write("w.tar.gz", packed(tar_of(members)));
  MemberWindow window(path);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 60; ++i) {
        const int at = (i * 7 + t * 13) % 60;
        const auto bytes = window.read(std::to_string(at) + ".x", 1000);
        right += as_text(bytes) == std::string(1000, static_cast<char>('0' + at));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 240);
  expect_error(ErrorCode::kNotFound, {"w.tar.gz", "no member 'y'"}, [&] { window.read("y", 10); });
  expect_error(ErrorCode::kLimit, {"w.tar.gz#3.x", "999"}, [&] { window.read("3.x", 999); });
  EXPECT_EQ(window.read("3.x", 1000).size(), 1000u);
}

TEST_F(ShardsTest, ReferencesReadPackedTarsToo) {
  write("p.tar.zst", packed(tar_of({{"d/1.jpg", "one"}, {"2.txt", "two"}}), true));
  write("a.jsonl",
        "{\"image\": \"p.tar.zst#d/1.jpg\", \"text\": \"p.tar.zst#2.txt\"}\n"
        "{\"image\": \"../p.tar.zst#d/1.jpg\", \"text\": \"p.tar.zst#none\"}\n");
  DataConfig config;
  config.text_files = {"text"};
  const auto data = open("a.jsonl", config);
  EXPECT_EQ(bytes_of(data->values(0, 0, 0).at(0)), "one");
  EXPECT_EQ(bytes_of(data->values(0, 1, 0).at(0)), "two");
  expect_error(ErrorCode::kInput, {"a.jsonl:2", "outside"}, [&] { data->values(1, 0, 0); });
  expect_error(ErrorCode::kNotFound, {"no member 'none'"},
               [&] { fetch(data->values(1, 1, 0).at(0), 100); });
}

}  // namespace
}  // namespace braid::data_test
