// Export and import, there and back again.
#include "braid/index/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "braid/core/file.h"
#include "braid/index/item_file.h"
#include "braid/tensor_file/npy.h"
#include "tests/index/items.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Entry {
  std::string field, metadata, file;
  std::vector<float> vector;
  bool operator==(const Entry&) const = default;
};

std::map<std::string, Entry> entries_of(const std::filesystem::path& folder) {
  std::map<std::string, Entry> entries;
  open_index(folder)->visit([&](const IndexEntry& e) {
    entries[e.key] = {e.field, e.metadata, e.file, {e.vector.begin(), e.vector.end()}};
  });
  return entries;
}

class Exchange : public ::testing::Test {
 protected:
  Exchange() {
    auto index = create_index(scratch_ / "x.index", {"run-1", "0123", "../run"}, 3);
    index->add(std::vector{item_of("b", {0, 2, 0}, 2), item_of("a", {1, 0, 0}, 1),
                           item_of("gone", {1, 1, 1}), item_of("ü", {3, 0, 4}, 3)});
    index->remove(std::vector<std::string>{"gone"});
  }
  std::string import(const std::string& lines, std::vector<int64_t> shape = {2, 2}) {
    Array array(DType::kF32, shape);
    auto values = array.mutable_values<float>();
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
    write_npy(scratch_ / "v.npy", array);
    write_atomic(scratch_ / "i.jsonl", lines);
    return error_of([&] {
      import_index({scratch_ / "v.npy", scratch_ / "i.jsonl", scratch_ / "new.index", {}});
    });
  }

  Scratch scratch_;
};

TEST_F(Exchange, WritesPlainFiles) {
  EXPECT_EQ(export_index(scratch_ / "x.index", scratch_ / "out"), 3);
  const auto vectors = read_npy(scratch_ / "out/vectors.npy");
  EXPECT_THAT(vectors.shape(), ElementsAre(3, 3));
  EXPECT_THAT(vectors.values<float>(), ElementsAre(1, 0, 0, 0, 1, 0, 0.6f, 0, 0.8f));
  EXPECT_EQ(
      read_text(scratch_ / "out/items.jsonl"),
      "{\"key\":\"a\",\"field\":\"image\",\"file\":\"../x.index/a.png\",\"metadata\":{\"n\":1}}\n"
      "{\"key\":\"b\",\"field\":\"image\",\"file\":\"../x.index/b.png\",\"metadata\":{\"n\":2}}\n"
      "{\"key\":\"ü\",\"field\":\"image\",\"file\":\"../x.index/ü.png\",\"metadata\":{\"n\":3}}\n");
  const auto about = read_export_origin(scratch_ / "out");
  EXPECT_EQ(about.origin.run_id, "run-1");
  EXPECT_EQ(about.origin.run_path, (scratch_ / "run").string());
  EXPECT_THAT(error_of([&] { export_index(scratch_ / "x.index", scratch_ / "out"); }),
              HasSubstr("state: "));
}

TEST_F(Exchange, ComesBackTheSame) {
  export_index(scratch_ / "x.index", scratch_ / "out");
  const auto about = read_export_origin(scratch_ / "out");
  // At another depth: relative paths must still lead to the same places.
  const auto copy = scratch_ / "deep/er/copy.index";
  EXPECT_EQ(import_index(
                {scratch_ / "out/vectors.npy", scratch_ / "out/items.jsonl", copy, about.origin}),
            3);
  auto before = entries_of(scratch_ / "x.index"), after = entries_of(copy);
  ASSERT_EQ(before.size(), after.size());
  for (auto& [key, entry] : before) {
    auto& other = after.at(key);
    EXPECT_EQ(located_file(entry.file, scratch_ / "x.index").file,
              located_file(other.file, copy).file);
    other.file = entry.file;
    EXPECT_EQ(entry, other) << key;
  }
  EXPECT_EQ(open_index(copy)->origin().run_path, "../../../run");
}

TEST_F(Exchange, AddsToAnIndexOfTheSameRunOnly) {
  export_index(scratch_ / "x.index", scratch_ / "out");
  ImportRequest request{scratch_ / "out/vectors.npy", scratch_ / "out/items.jsonl",
                        scratch_ / "x.index", read_export_origin(scratch_ / "out").origin};
  EXPECT_THAT(error_of([&] { import_index(request); }), HasSubstr("state: "));
  request.add = true;
  EXPECT_EQ(import_index(request), 3);
  EXPECT_EQ(open_index(scratch_ / "x.index")->size(), 3);
  request.origin.weights_hash = "other";
  EXPECT_THAT(error_of([&] { import_index(request); }), HasSubstr("state: "));
}

TEST_F(Exchange, TakesBareKeysAndKeepsUtf8) {
  EXPECT_EQ(import("{\"key\": \"红苹果\"}\n\n{\"key\": \"b\", \"metadata\": {\"x\": 1}}\n"),
            "no error");
  const auto entries = entries_of(scratch_ / "new.index");
  EXPECT_EQ(entries.at("红苹果").metadata, "{}");
  EXPECT_EQ(entries.at("b").metadata, "{\"x\":1}");
  EXPECT_EQ(entries.at("b").file, "");
}

TEST_F(Exchange, RefusesBadRowsBeforeItMakesAnIndex) {
  EXPECT_THAT(import("{\"key\":\"a\"}\nnonsense\n"), HasSubstr("i.jsonl:2: not a JSON object"));
  EXPECT_THAT(import("{\"key\":\"a\"}\n{\"kee\":\"b\"}\n"), HasSubstr("i.jsonl:2: no key"));
  EXPECT_THAT(import("{\"key\":3}\n"), HasSubstr("i.jsonl:1: key is not a text"));
  EXPECT_THAT(import("{\"key\":\"a\",\"metadata\":[]}\n"), HasSubstr("metadata is not"));
  EXPECT_THAT(import("{\"key\":\"a\"}\n{\"key\":\"a\"}\n"), HasSubstr("'a' is given twice"));
  EXPECT_THAT(import("{\"key\":\"a\"}\n"), HasSubstr("has 1 items"));
  EXPECT_THAT(import("{\"key\":\"a\"}\n", {2}), HasSubstr("expected F32 [N, width]"));
  EXPECT_THAT(import("{\"key\":\"a\",\"metadata\":" + std::string(5000, '[')),
              HasSubstr("i.jsonl:1: nested more than 64 deep"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "new.index"));
}

TEST(ItemFile, IsKeptRelativeToTheIndex) {
  const ItemFile picture{"/data/pictures/a b.png", ""}, member{"/data/s.tar", "d/1#2.jpg"};
  EXPECT_EQ(stored_file(picture, "/data/x.index"), "../pictures/a b.png");
  EXPECT_EQ(stored_file(member, "/data/x.index"), "../s.tar#d/1#2.jpg");
  EXPECT_EQ(stored_file({}, "/data/x.index"), "");
  const auto back = located_file("../s.tar#d/1#2.jpg", "/data/x.index");
  EXPECT_EQ(back.file, "/data/s.tar");
  EXPECT_EQ(back.member, "d/1#2.jpg");
  EXPECT_EQ(located_file("../pictures/a b.png", "/data/x.index").text(), "/data/pictures/a b.png");
}

}  // namespace
}  // namespace braid
