#include "braid/data/table_value.h"

#include <nlohmann/json.hpp>

#include "data_test.h"

namespace braid::data_test {
namespace {

class TableValueTest : public DataTest {
 protected:
  std::unique_ptr<Dataset> open(const std::string& manifest, const std::vector<std::string>& from,
                                const std::vector<std::string>& missing = {}) const {
    return open_dataset(one_manifest(manifest), {{"vitals", "table", {{"", from}}, missing}},
                        folder_);
  }
  static std::vector<std::string> value(const Dataset& data, int64_t row) {
    return texts_of(data.values(row, 0, 0));
  }
};

TEST_F(TableValueTest, ManyColumnsOfACsvRowAreOneValue) {
  write("x.csv", "age,name,sex\n71,\"a \"\"b\"\"\",F\n,,M\nNA,?,\n");
  const auto data = open("x.csv", {"sex", "age", "name"}, {"na", "?"});
  EXPECT_EQ(value(*data, 0),
            (std::vector<std::string>{R"({"sex":"F","age":"71","name":"a \"b\""})"}));
  EXPECT_EQ(value(*data, 1), (std::vector<std::string>{R"({"sex":"M","age":null,"name":null})"}));
  EXPECT_TRUE(value(*data, 2).empty());
  EXPECT_TRUE(data->values(0, 0, 0)[0].file.empty());
}

TEST_F(TableValueTest, AStarStandsForTheCellsBelowAName) {
  write("x.jsonl", R"({"t": {"b": 1.0, "a": true}, "u": 3})"
                   "\n"
                   R"({"t": {"a": null, "c": {"d": "x"}}})"
                   "\n"
                   R"({"t": {"a": null}, "u": 4})"
                   "\n");
  const auto data = open("x.jsonl", {"u", "t.*", "t.a"});
  EXPECT_EQ(data->fields()[0].columns[0].second,
            (std::vector<std::string>{"u", "t.b", "t.a", "t.c.d"}));
  EXPECT_EQ(value(*data, 0),
            (std::vector<std::string>{R"({"u":"3","t.b":"1.0","t.a":"true","t.c.d":null})"}));
  EXPECT_EQ(value(*data, 1),
            (std::vector<std::string>{R"({"u":null,"t.b":null,"t.a":null,"t.c.d":"x"})"}));
  EXPECT_TRUE(value(*open("x.jsonl", {"t.*"}), 2).empty());
}

TEST_F(TableValueTest, NamesWhatIsWrongWithColumns) {
  write("x.jsonl", "{\"t\": {\"age\": 1, \"all\": [1, 2]}}\n");
  expect_error(ErrorCode::kConfig, {"'t.agee'", "did you mean 't.age'"},
               [&] { open("x.jsonl", {"t.agee"}); });
  expect_error(ErrorCode::kConfig, {"'s.*'", "no row"}, [&] { open("x.jsonl", {"s.*"}); });
  expect_error(ErrorCode::kConfig, {"'*.age'", "tabular.*"}, [&] { open("x.jsonl", {"*.age"}); });
  expect_error(ErrorCode::kConfig, {"'*'"}, [&] { open("x.jsonl", {"*"}); });
  expect_error(ErrorCode::kInput, {"'t'", "an object"}, [&] { open("x.jsonl", {"t"}); });
  EXPECT_EQ(value(*open("x.jsonl", {"t.all"}), 0),
            (std::vector<std::string>{R"({"t.all":["1","2"]})"}));
}

TEST_F(TableValueTest, ARaggedCsvIsOneErrorWithItsLine) {
  write("x.csv", "age,sex\n71,F\n52\n");
  expect_error(ErrorCode::kInput, {"x.csv:3"}, [&] { open("x.csv", {"age", "sex"}); });
}

TEST_F(TableValueTest, MoreColumnsThanATableMayHaveAreRefused) {
  std::string row = "{\"t\": {\"a\": 1";
  for (int i = 0; i < 1100; ++i) row += ", \"c" + std::to_string(i) + "\": 1";
  write("x.jsonl", row + "}}\n");
  expect_error(ErrorCode::kLimit, {"'t.*'", "1024"}, [&] { open("x.jsonl", {"t.*"}); });
}

}  // namespace
}  // namespace braid::data_test
