#include "braid/data/layout/manifest.h"

#include <nlohmann/json.hpp>

#include "data_test.h"

namespace braid::data_test {
namespace {

class ManifestTest : public DataTest {
 protected:
  Manifest open(const std::string& name, const std::string& text, int64_t limit = 1 << 20) const {
    return Manifest({write(name, text), limit, false});
  }
  void expect_refused(const std::string& name, const std::string& text, ErrorCode code,
                      const std::vector<std::string>& parts, int64_t limit = 1 << 20) const {
    expect_error(code, parts, [&] {
      const auto manifest = open(name, text, limit);
      for (int64_t i = 0; i < manifest.size(); ++i) manifest.row(i);
    });
  }
};

TEST_F(ManifestTest, ReadsJsonLinesWithMarkBlankLinesAndCrlf) {
  const auto m =
      open("a.jsonl",
           "\xef\xbb\xbf{\"b\": 1, \"a\": \"x\"}\r\n\r\n  {\"a\": null}  \n{\"a\": [\"y\", 2]}");
  ASSERT_EQ(m.size(), 3);
  EXPECT_EQ(m.row(0).dump(), R"({"b":1,"a":"x"})");
  EXPECT_EQ(m.mark(0), ":1");
  EXPECT_EQ(m.mark(1), ":3");
  EXPECT_EQ(m.mark(2), ":4");
  EXPECT_EQ(cell_texts(m.row(2)["a"]), (std::vector<std::string>{"y", "2"}));
}

TEST_F(ManifestTest, ReadsQuotedCellsOfCsv) {
  const auto m = open(
      "a.csv",
      "\xef\xbb\xbfname,note\r\n\"a, b\",\"say \"\"hi\"\"\"\r\n\r\nc,\"two\nlines\"\n6\" pipe,\n");
  ASSERT_EQ(m.size(), 3);
  EXPECT_EQ(m.row(0).dump(), R"({"name":"a, b","note":"say \"hi\""})");
  EXPECT_EQ(m.row(1)["note"], "two\nlines");
  EXPECT_EQ(m.row(2)["name"], "6\" pipe");
  EXPECT_TRUE(m.row(2)["note"].is_null());
  EXPECT_EQ(m.mark(1), ":4");
  EXPECT_EQ(m.mark(2), ":6");  // a quoted line break is a line of the file too
}

TEST_F(ManifestTest, ReadsTabsInTsvAndInOpenClipsCsv) {
  for (const char* name : {"a.tsv", "a.csv"}) {
    const auto m = open(name, "filepath\ttitle\na.jpg\ta dog, running\n");
    EXPECT_EQ(m.row(0).dump(), R"({"filepath":"a.jpg","title":"a dog, running"})");
  }
}

TEST_F(ManifestTest, FindsNestedCellsAndKeysWithDots) {
  const Row row =
      parse_row(R"({"t": {"age": 7, "x": {"y": []}}, "a.b": "z", "a": {"c": true}})", "r");
  EXPECT_EQ(cell_texts(*find_cell(row, "t.age")), std::vector<std::string>{"7"});
  EXPECT_EQ(cell_texts(*find_cell(row, "a.b")), std::vector<std::string>{"z"});
  EXPECT_EQ(cell_texts(*find_cell(row, "a.c")), std::vector<std::string>{"true"});
  EXPECT_TRUE(cell_texts(*find_cell(row, "t.x.y")).empty());
  EXPECT_EQ(find_cell(row, "t.agee"), nullptr);
  EXPECT_EQ(find_cell(row, "t.age.more"), nullptr);
  EXPECT_EQ(cell_names(row), (std::vector<std::string>{"t.age", "t.x.y", "a.b", "a.c"}));
}

TEST_F(ManifestTest, SpellsNumbersAsTheManifestDoes) {
  const Row row = parse_row(R"({"a": [76.0, 5, -1, 0.1, true, null, "", "x"]})", "r");
  EXPECT_EQ(cell_texts(row["a"]),
            (std::vector<std::string>{"76.0", "5", "-1", "0.1", "true", "x"}));
}

TEST_F(ManifestTest, RefusesBrokenRowsByLine) {
  const std::string good = "{\"a\": 1}\n";
  expect_refused("a.jsonl", good + "{\"a\": \n", ErrorCode::kInput,
                 {"a.jsonl:2", "not valid JSON"});
  expect_refused("a.jsonl", good + "[1]\n", ErrorCode::kInput,
                 {"a.jsonl:2", "one JSON object a line", "array"});
  expect_refused("a.jsonl", good + "{\"a\": 1, \"a\": 2}\n", ErrorCode::kInput,
                 {"a.jsonl:2", "'a' stands twice"});
  expect_refused("a.jsonl", good + std::string("{\"a\": \"\0\"}\n", 11), ErrorCode::kInput,
                 {"a.jsonl:2", "NUL"});
  expect_refused("a.jsonl", good + "{\"a\": \"\xff\"}\n", ErrorCode::kInput,
                 {"a.jsonl:2", "UTF-8"});
  expect_refused("a.jsonl", good + "{\"a\": " + std::string(5000, '[') + "\n", ErrorCode::kLimit,
                 {"a.jsonl:2", "nested deeper"});
  expect_refused("a.jsonl", "{\"a\": 1}{\"a\": 2}\n", ErrorCode::kInput,
                 {"a.jsonl:1", "not valid JSON"});
}

TEST_F(ManifestTest, RefusesBrokenCsvByLine) {
  expect_refused("a.csv", "a,b\n1,2\n3\n", ErrorCode::kInput,
                 {"a.csv:3", "expected 2 cells", "got 1"});
  expect_refused("a.csv", "a,b\n1,2\n\"x,y\n5,6\n", ErrorCode::kInput, {"a.csv:3", "never closes"});
  expect_refused("a.csv", "a,b\n\"x\"y,1\n", ErrorCode::kInput,
                 {"a.csv:2", "after a closing quote"});
  expect_refused("a.csv", "a,a\n1,2\n", ErrorCode::kInput, {"a.csv:1", "'a' stands twice"});
  expect_refused("a.csv", "a,\n1,2\n", ErrorCode::kInput, {"a.csv:1", "column 2 has no name"});
  expect_refused("a.csv", std::string("a,b\n1,\0\n", 8), ErrorCode::kInput, {"a.csv:2", "NUL"});
  expect_refused("a.csv", "a,b\n1,\xc3\n", ErrorCode::kInput, {"a.csv:2", "UTF-8"});
  expect_refused("a.csv", "a,\xff\n1,2\n", ErrorCode::kInput, {"a.csv:1", "UTF-8"});
}

TEST_F(ManifestTest, RefusesRowsOverTheLimit) {
  const std::string big(10 << 20, 'x');
  expect_refused("a.jsonl", "{\"a\": 1}\n{\"a\": \"" + big + "\"}\n", ErrorCode::kLimit,
                 {"a.jsonl:2", "10485769", "1048576", "max_row_bytes"});
  expect_refused("a.csv", "a\n1\n" + big + "\n", ErrorCode::kLimit, {"a.csv:3", "max_row_bytes"});
  expect_refused("a.csv", "a\n1\n\"" + big + "\n", ErrorCode::kLimit,
                 {"a.csv:3", "quote left open"});
}

TEST_F(ManifestTest, RefusesWhatIsNoManifest) {
  expect_refused("a.bin", "\x7f\x45LF", ErrorCode::kInput, {"a.bin", "JSONL"});
  expect_refused("a.json", "[{\"a\": 1}]", ErrorCode::kInput, {"a.json", "one object a line"});
  expect_refused("a.jsonl", "", ErrorCode::kInput, {"a.jsonl", "no rows"});
  expect_refused("a.csv", "a,b\n", ErrorCode::kInput, {"a.csv", "no rows"});
  expect_error(ErrorCode::kNotFound, {"none.jsonl"}, [&] {
    Manifest({folder_ / "none.jsonl", 10, false});
  });
  expect_error(ErrorCode::kIo, {"folder"}, [&] { Manifest({folder_, 10, false}); });
}

}  // namespace
}  // namespace braid::data_test
