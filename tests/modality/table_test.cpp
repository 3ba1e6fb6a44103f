#include "braid/modality/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "../scratch.h"
#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

using Rows = std::vector<std::string>;

std::unique_ptr<Modality> fitted_table(const Rows& rows, const std::string& recipe = "{}") {
  auto table = make_table(ConfigNode::parse(recipe, "r.yaml"));
  table->fit([&](const ValueVisitor& visit) {
    for (const auto& row : rows) visit(as_bytes(row));
  });
  return table;
}

std::vector<float> cells(const Modality& table, const std::string& row) {
  const auto values = table.prepare(as_bytes(row)).values;
  return {values.values<float>().begin(), values.values<float>().end()};
}

std::string table_problem(const std::function<void()>& body, ErrorCode code) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "accepted";
  return "";
}

std::string kind_note(const Rows& cell_texts, const std::string& recipe = "{}") {
  Rows rows;
  for (const auto& text : cell_texts) rows.push_back("{\"x\": " + text + "}");
  return fitted_table(rows, recipe)->notes().at(0);
}

TEST(Table, TellsTheKindOfAColumnFromItsCells) {
  const auto begins = [](const Rows& texts, const std::string& kind) {
    const auto note = kind_note(texts);
    EXPECT_EQ(note.substr(0, 3 + kind.size()), "x: " + kind) << note;
  };
  begins({"40", "41.5", "\"1e3\"", "\" 7 \""}, "numeric");
  begins({"\"Y\"", "\"N\"", "null"}, "boolean: no 1, yes 1");
  begins({"true", "true"}, "boolean");
  begins({"0", "1", "1"}, "boolean: no 1, yes 2");
  begins({"1", "1"}, "numeric");
  begins({"\"是\"", "\"否\""}, "boolean");
  begins({"\"有\"", "\"无\"", "\"没有\""}, "categorical");
  begins({"\"阳性\"", "\"阴性\""}, "boolean");
  begins({"\"F\"", "\"F\""}, "categorical");
  begins({"\"F\"", "\"M\""}, "categorical");
  begins({"\"low\"", "\"High\"", "\"medium\""}, "ordinal, 3 kept: low 1, medium 1, High 1");
  begins({"\"III\"", "\"I\"", "\"II\""}, "ordinal, 3 kept: I 1, II 1, III 1");
  begins({"\"重\"", "\"轻\"", "\"中\""}, "ordinal, 3 kept: 轻 1, 中 1, 重 1");
  begins({"\"grade 10\"", "\"grade 9\""}, "ordinal, 2 kept: grade 9 1, grade 10 1");
  begins({"\"S\"", "\"M\""}, "categorical");
  begins({"\"2020-03-04\"", "\"2021-01-02T10:00:00Z\""}, "date");
  begins({"\"2015\"", "\"January 22, 2020\"", "\"2020年3月4日\""}, "date");
  begins({"2015", "2016"}, "numeric");
}

// Median 30; quartiles 20 and 40, so the spread is 20 / 1.349 = 14.826.
TEST(Table, MeasuresANumberInSpreadsFromTheMedian) {
  const auto table =
      fitted_table({R"({"a":10})", R"({"a":20})", R"({"a":30})", R"({"a":40})", R"({"a":50})"});
  EXPECT_EQ(cells(*table, R"({"a": 30})"), (std::vector<float>{1, 0}));
  EXPECT_NEAR(cells(*table, R"({"a": 50})")[1], 1.3489795, 1e-6);
  EXPECT_EQ(cells(*table, R"({"a": -1e300})")[1], -8);
  EXPECT_EQ(table->facts(),
            (std::map<std::string, int64_t>{{"columns", 1}, {"numbers", 1}, {"ids", 2}}));
}

// Ids: a 0 missing, 1 known; b 2 missing, 3 unseen, 4 x, 5 y; rare z is pooled with the unseen.
TEST(Table, GivesEachCategoryAnIdAndUnseenOnesTheirOwn) {
  const auto table = fitted_table({R"({"a":1,"b":"x"})", R"({"a":2,"b":"x"})", R"({"a":3,"b":"y"})",
                                   R"({"a":4,"b":"y"})", R"({"a":5,"b":"z"})"});
  const auto id = [&](const std::string& row) { return cells(*table, row)[2]; };
  EXPECT_EQ(id(R"({"a":3,"b":"x"})"), 4);
  EXPECT_EQ(id(R"({"a":3,"b":" y "})"), 5);
  EXPECT_EQ(id(R"({"a":3,"b":"z"})"), 3);
  EXPECT_EQ(id(R"({"a":3,"b":"new"})"), 3);
  EXPECT_EQ(id(R"({"a":3})"), 2);
  EXPECT_EQ(cells(*table, R"({"b":"x","a":null})")[0], 0);
  EXPECT_NE(table->notes()[1].find("pooled: 1"), std::string::npos) << table->notes()[1];
}

TEST(Table, TakesNanAndInfinityAsMissingAndCountsThem) {
  const auto table = fitted_table({R"({"a":"1"})", R"({"a":"inf"})", R"({"a":"1e999"})",
                                   R"({"a":"NaN"})", R"({"a":"3"})", R"({"a":"NA"})"});
  EXPECT_EQ(cells(*table, R"({"a":"1"})")[0], 1);
  EXPECT_EQ(table->notes()[0],
            "a: numeric, median 2, spread 0.7413; 2 of 6 missing; infinite or NaN, taken as "
            "missing: 2");
  EXPECT_THROW(table->prepare(as_bytes(R"({"a":"nan"})")), Error);  // no cell at all
  const auto two = fitted_table({R"({"a":1,"b":1})", R"({"a":2,"b":5})"});
  EXPECT_EQ(cells(*two, R"({"a":"-inf","b":5})")[0], 0);
}

// 2021-07-02 is the 182nd day after New Year: 182 / 366 of the circle; a Friday, 4 / 7.
TEST(Table, TurnsADateIntoYearAndCircles) {
  const auto table = fitted_table({R"({"d":"2021-07-02"})", R"({"d":"2021-07-02"})"});
  const auto got = cells(*table, R"({"d":"2 July 2021"})");
  ASSERT_EQ(got.size(), 6u);
  const double year = 2 * M_PI * 182 / 366, week = 2 * M_PI * 4 / 7;
  const double want[] = {1, 0, std::sin(year), std::cos(year), std::sin(week), std::cos(week)};
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(got[i], want[i], 1e-6) << i;
}

TEST(Table, ReadsDayAndMonthInTheOrderThatSomeCellTells) {
  const auto dmy = fitted_table({R"({"d":"3/4/2020"})", R"({"d":"25/4/2020"})"});
  const auto mdy = fitted_table({R"({"d":"3/4/2020"})", R"({"d":"4/25/2020"})"});
  const auto same = [](const Modality& table, const char* iso) {
    return cells(table, R"({"d":"3/4/2020"})") ==
           cells(table, std::string("{\"d\":\"") + iso + "\"}");
  };
  EXPECT_TRUE(same(*dmy, "2020-04-03"));
  EXPECT_TRUE(same(*mdy, "2020-03-04"));
  EXPECT_NE(kind_note({"\"3/4/2020\"", "\"5/6/2020\""}).find("{date: mdy}"), std::string::npos);
  EXPECT_EQ(kind_note({"\"3/4/2020\""}, "{columns: {x: {date: mdy}}}").find("no cell"),
            std::string::npos);
}

TEST(Table, PutsOrdinalLevelsFromMinusOneToOne) {
  const auto table =
      fitted_table({R"({"s":"b"})", R"({"s":"a"})"}, "{columns: {s: {ordinal: [c, b, a]}}}");
  EXPECT_EQ(cells(*table, R"({"s":"c"})"), (std::vector<float>{2, -1}));
  EXPECT_EQ(cells(*table, R"({"s":"b"})"), (std::vector<float>{3, 0}));
  EXPECT_EQ(cells(*table, R"({"s":"a"})"), (std::vector<float>{4, 1}));
  EXPECT_EQ(cells(*table, R"({"s":"d"})"), (std::vector<float>{1, 0}));
}

TEST(Table, TheRecipeOverrulesTheCells) {
  EXPECT_EQ(kind_note({"1", "2"}, "{columns: {x: categorical}, min_count: 1}"),
            "x: categorical (as the recipe says), 2 kept: 1 1, 2 1");
  EXPECT_EQ(kind_note({"10", "9"}, "{columns: {x: ordinal}}").substr(0, 42),
            "x: ordinal (as the recipe says), 2 kept: 9");
  const auto skipped =
      fitted_table({R"({"a":1,"b":2})", R"({"a":2,"b":2})"}, "{columns: {b: skip}}");
  EXPECT_EQ(skipped->facts().at("columns"), 1);
  EXPECT_EQ(cells(*skipped, R"({"a":1,"b":"anything"})").size(), 2u);
}

TEST(Table, LeavesOutAColumnThatTrainingNeverSaw) {
  const auto table = fitted_table({R"({"a":1,"b":null})", R"({"a":2,"b":""})"});
  EXPECT_EQ(table->notes()[1], "b: empty: no value in training, left out");
  EXPECT_EQ(cells(*table, R"({"a":1,"b":"late"})").size(), 2u);
}

TEST(Table, FindsAColumnByTheLastPartOfItsName) {
  const auto table = fitted_table({R"({"t.age":1,"t.sex":"F"})", R"({"t.age":3,"t.sex":"F"})"});
  const auto want = cells(*table, R"({"t.age":3,"t.sex":"F"})");
  EXPECT_EQ(cells(*table, R"({"sex":"F","age":3})"), want);
  EXPECT_EQ(cells(*table, R"({"t":{"sex":"F","age":3}})"), want);
  EXPECT_NE(table_problem([&] { cells(*table, R"({"agee":3})"); }, ErrorCode::kInput)
                .find("did you mean 'age'"),
            std::string::npos);
  table_problem([&] { cells(*table, R"({"age":3,"t.age":4})"); }, ErrorCode::kInput);
}

TEST(Table, KeepsABoundedNumberOfAMillionCategories) {
  auto table = make_table(ConfigNode::parse("{max_categories: 10}", "r.yaml"));
  table->fit([](const ValueVisitor& visit) {
    for (int i = 0; i < 200'000; ++i) {
      visit(as_bytes("{\"c\":\"" + std::to_string(i % 2 ? i : i % 20) + "x\"}"));
    }
  });
  EXPECT_EQ(table->facts().at("ids"), 12);
  EXPECT_EQ(cells(*table, R"({"c":"199999x"})")[0], 1);
  EXPECT_GE(cells(*table, R"({"c":"2x"})")[0], 2);
}

TEST(Table, ComesBackFromTheRunDirectoryAsItWas) {
  const Rows rows = {R"({"a":1,"b":"x","d":"2020-01-01","e":null,"f":"yes"})",
                     R"({"a":2,"b":"x","d":"2021-05-01","e":null,"f":"no"})"};
  const auto table = fitted_table(rows);
  const Scratch folder;
  table->save(folder.path(), "vitals");
  const auto again = make_table(ConfigNode::parse("{}", "r.yaml"));
  EXPECT_THROW(again->learned(), Error);
  again->load(folder.path(), "vitals");
  EXPECT_EQ(again->learned(), table->learned());
  EXPECT_EQ(cells(*again, rows[1]), cells(*table, rows[1]));
  write_atomic(folder / "columns.vitals.json", R"({"columns":[{"name":"a"}]})");
  table_problem([&] { again->load(folder.path(), "vitals"); }, ErrorCode::kInput);
}

TEST(Table, ViewsDropCellsAndMoveNumbersButKeepOneCell) {
  const Rows rows = {R"({"a":1,"b":"x"})", R"({"a":2,"b":"x"})", R"({"a":3,"b":"x"})"};
  const auto table = fitted_table(rows, "{views: {drop: 1, noise: 0}}");
  const auto prepared = table->prepare(as_bytes(rows[0]));
  int kept_a = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Rng rng(seed);
    const auto view = table->augment(prepared, rng).values;
    const auto v = view.values<float>();
    EXPECT_EQ((v[0] != 0) + (v[2] != 2), 1);
    kept_a += v[0] != 0;
  }
  EXPECT_GT(kept_a, 5);
  EXPECT_LT(kept_a, 35);
  const auto noisy = fitted_table(rows, "{views: {drop: 0, noise: 0.5}}");
  Rng rng(1);
  const auto view = noisy->augment(prepared, rng).values;
  EXPECT_NE(view.values<float>()[1], prepared.values.values<float>()[1]);
  EXPECT_EQ(view.values<float>()[2], prepared.values.values<float>()[2]);
}

TEST(Table, CollatesRowsAndLeavesZerosForMissingValues) {
  const Rows rows = {R"({"a":1})", R"({"a":2})", R"({"a":4})"};
  const auto table = fitted_table(rows);
  const auto one = table->prepare(as_bytes(rows[2]));
  const Sample* views[] = {nullptr, &one};
  const auto batch = table->collate(views);
  EXPECT_EQ(batch.values.shape(), (std::vector<int64_t>{2, 1, 2}));
  const auto v = batch.values.values<float>();
  EXPECT_EQ((std::vector<float>(v.begin(), v.begin() + 3)), (std::vector<float>{0, 0, 1}));
  EXPECT_GT(v[3], 0);
}

TEST(Table, RefusesWhatIsNoRowOfCells) {
  const auto table = fitted_table({R"({"a":1})", R"({"a":2})"});
  for (const char* bad : {"", "7", "[1]", "{", "{\"a\":[1]}", "{\"a\":1,\"a\":2}", "{}",
                          "{\"a\":null}", "{\"a\":\"forty\"}", "{\"a\":NaN}", "\xff"}) {
    table_problem([&] { table->prepare(as_bytes(bad)); }, ErrorCode::kInput);
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"a\":";
  table_problem([&] { table->prepare(as_bytes(deep)); }, ErrorCode::kLimit);
  const auto small = fitted_table({R"({"a":1})", R"({"a":2})"}, "{max_bytes: 9}");
  table_problem([&] { small->prepare(as_bytes(R"({"a": 1111})")); }, ErrorCode::kLimit);
  EXPECT_NE(table_problem([&] { table->prepare(as_bytes("{\"a\":\"forty\"}")); }, ErrorCode::kInput)
                .find("expected a number, got 'forty'"),
            std::string::npos);
}

TEST(Table, RefusesChoicesThatMakeNoSense) {
  const auto refuse = [](const std::string& recipe, const std::string& words) {
    const auto message = table_problem(
        [&] {
          fitted_table({R"({"age":1,"s":"u"})", R"({"age":2,"s":"v"})"}, recipe);
        },
        ErrorCode::kConfig);
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  refuse("{columns: {age: numerical}}", "did you mean 'numeric'");
  refuse("{columns: {agee: numeric}}", "did you mean 'age'");
  refuse("{columns: {s: ordinal}}", "tell no order");
  refuse("{columns: {s: {ordinal: [u, u]}}}", "stands twice");
  refuse("{columns: {s: {date: ymd}}}", "expected dmy");
  refuse("{columns: [a]}", "expected a map");
  EXPECT_THROW(fitted_table({R"({"a":null})"}), Error);
}

}  // namespace
}  // namespace braid
