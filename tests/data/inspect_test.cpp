#include "braid/data/inspect.h"

#include <nlohmann/json.hpp>

#include "braid/core/text.h"
#include "data_test.h"

namespace braid::data_test {
namespace {

class InspectTest : public DataTest {
 protected:
  const ColumnAudit& column(const Audit& audit, const std::string& name) const {
    for (const auto& column : audit.columns) {
      if (column.name == name) return column;
    }
    throw Error(ErrorCode::kInternal, "no column " + name);
  }

  Audit audit_two() {
    write("img/1.jpg", "one");
    write("img/2.jpg", "two");
    write("img/copy.jpg", "one");
    train_ = write("train.jsonl",
                   R"({"image": "img/1.jpg", "text": ["a red apple on a table", "x"], "n": 3, )"
                   R"("source": "cam/7.jpg", "t": {"ok": true}})"
                   "\n"
                   R"({"image": "img/2.jpg", "text": [], "n": -1.5, "source": "cam/8.jpg"})"
                   "\n"
                   R"({"image": "img/none.jpg", "text": )"
                   R"(["桌子上有一个红苹果和一个绿色的大西瓜，旁边还有一只小猫"], "n": null})"
                   "\n");
    test_ = write("test.jsonl", R"({"image": "img/copy.jpg", "text": ["a red apple on a table"], )"
                                R"("n": 4, "source": "cam/9.jpg"})"
                                "\n");
    return inspect(inspect_config({train_, test_}));
  }

  fs::path train_, test_;
};

TEST_F(InspectTest, CountsColumnsAndGaps) {
  const auto audit = audit_two();
  EXPECT_EQ(audit.rows, 4);
  EXPECT_EQ(audit.splits,
            (std::vector<std::pair<std::string, int64_t>>{{"test", 1}, {"train", 3}}));
  const auto& text = column(audit, "text");
  EXPECT_EQ(text.kind, "text");
  EXPECT_TRUE(text.list);
  EXPECT_EQ(text.missing, 1);
  EXPECT_EQ(text.values, 4);
  EXPECT_EQ(text.distinct, 3);
  EXPECT_EQ(text.least, 1);
  EXPECT_EQ(text.most, 2);
  EXPECT_EQ(text.shortest, 1);
  EXPECT_EQ(text.longest, 27);  // characters, not bytes
  const auto& number = column(audit, "n");
  EXPECT_EQ(number.kind, "number");
  EXPECT_EQ(number.missing, 1);
  EXPECT_EQ(number.low, -1.5);
  EXPECT_EQ(number.high, 4);
  EXPECT_EQ(column(audit, "t.ok").kind, "true/false");
  EXPECT_EQ(column(audit, "t.ok").missing, 3);
}

TEST_F(InspectTest, GuessesWhichColumnsNameFilesAndReadsThem) {
  const auto audit = audit_two();
  EXPECT_EQ(column(audit, "image").kind, "picture");
  EXPECT_EQ(column(audit, "source").kind, "text");  // looks like files, but none is there
  EXPECT_EQ(audit.checked, std::vector<std::string>{"image"});
  EXPECT_EQ(audit.files, 4);
  EXPECT_EQ(audit.file_bytes, 9);
  ASSERT_EQ(audit.unreadable, 1);
  EXPECT_EQ(audit.unreadable_first[0].where, "train.jsonl:3");
  EXPECT_EQ(audit.unreadable_first[0].value, "img/none.jpg");
}

TEST_F(InspectTest, NamesValuesAndFilesOfTwoSplits) {
  const auto audit = audit_two();
  ASSERT_EQ(audit.duplicates, 2);
  const auto& first = audit.duplicates_first[0];
  EXPECT_EQ(first.column, "image");
  EXPECT_EQ(first.value, "img/1.jpg");
  EXPECT_EQ(first.splits, (std::vector<std::string>{"test", "train"}));
  EXPECT_EQ(first.where, (std::vector<std::string>{"test.jsonl:1", "train.jsonl:1"}));
  EXPECT_EQ(audit.duplicates_first[1].column, "text");
  EXPECT_EQ(audit.duplicates_first[1].value, "a red apple on a table");
}

TEST_F(InspectTest, DecodesFilesOfTheRecipesFields) {
  audit_two();
  InspectConfig config;
  config.base = folder_;
  config.data = one_manifest("train.jsonl");
  config.fields = {image_field("image"), text_field("text")};
  std::vector<double> progress;
  config.progress = [&](const Progress& p) { progress.push_back(static_cast<double>(p.done)); };
  config.check = [](const std::string& field, std::span<const std::byte> bytes) -> std::string {
    EXPECT_EQ(field, "image");
    return as_text(bytes) == "two" ? "not a picture" : "";
  };
  const auto audit = inspect(config);
  ASSERT_EQ(audit.unreadable, 2);
  EXPECT_EQ(audit.unreadable_first[0].message, "not a picture");
  EXPECT_EQ(audit.duplicates, 0);  // one split
  EXPECT_FALSE(progress.empty());
  config.read_files = false;
  EXPECT_EQ(inspect(config).files, 0);
}

TEST_F(InspectTest, ReportsPathsThatEscape) {
  write("1.jpg", "one");
  const auto manifest = write("a.jsonl", "{\"image\": \"1.jpg\"}\n{\"image\": \"../2.jpg\"}\n");
  const auto audit = inspect(inspect_config({manifest}));
  ASSERT_EQ(audit.unreadable, 1);
  EXPECT_NE(audit.unreadable_first[0].message.find("leads to"), std::string::npos);
}

TEST_F(InspectTest, TakesAColumnNamedSplit) {
  const auto manifest = write("a.csv", "split,text\ntrain,x\ntest,y\ntrain,z\n");
  const auto audit = inspect(inspect_config({manifest}));
  EXPECT_EQ(audit.splits,
            (std::vector<std::pair<std::string, int64_t>>{{"train", 2}, {"test", 1}}));
}

// Width of a line of this test's texts: CJK and full-width marks take two columns, "…" one.
size_t width_of(const std::string& line) {
  size_t width = 0;
  for (const unsigned char c : line) width += (c & 0xc0) != 0x80 ? (c >= 0xe3 ? 2 : 1) : 0;
  return width;
}

TEST_F(InspectTest, TableKeepsItsWidthAndWholeCharacters) {
  auto audit = audit_two();
  audit.manifests = {"train.jsonl", "test.jsonl"};
  for (const int width : {60, 61, 80, 101}) {
    for (const auto& line : split(audit_table(audit, width), '\n')) {
      EXPECT_LE(width_of(line), static_cast<size_t>(width)) << line;
      EXPECT_TRUE(valid_utf8(line)) << line;
    }
  }
  const auto table = audit_table(audit);
  EXPECT_NE(table.find("rows      4  test 1  train 3"), std::string::npos) << table;
  EXPECT_NE(table.find("1..2 a row; 1..27 chars"), std::string::npos) << table;
  EXPECT_NE(table.find("train.jsonl:3 image"), std::string::npos) << table;
}

TEST_F(InspectTest, JsonHoldsWhatTheTableSays) {
  const auto json = nlohmann::json::parse(audit_json(audit_two()));
  EXPECT_EQ(json["rows"], 4);
  EXPECT_EQ(json["splits"]["train"], 3);
  EXPECT_EQ(json["columns"][1]["name"], "text");
  EXPECT_EQ(json["columns"][1]["characters"], (nlohmann::json{1, 27}));
  EXPECT_EQ(json["files"]["unreadable"], 1);
  EXPECT_EQ(json["in_several_splits"]["values"], 2);
}

}  // namespace
}  // namespace braid::data_test
