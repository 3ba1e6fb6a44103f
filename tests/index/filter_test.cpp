// Filters: the table of what passes is worked by hand.
#include "braid/index/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/index/items.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const auto kDog = nlohmann::json::parse(R"({
  "class": "dog", "year": 2010, "price": 2.5, "sold": true, "zip": "0815", "day": "2010-05-01",
  "tags": ["red", "Big"], "sizes": [1, 30], "note": "", "none": null, "empty": [],
  "place": {"city": "Köln", "geo": {"lat": 50.9}}, "dotted.name": "x", "odd name": "y",
  "big": 9007199254740993, "is": "word"})");

bool passes(const std::string& filter) { return Filter(filter).matches(kDog); }

TEST(Filter, PassesWhatIsWorkedByHand) {
  for (const char* filter : {"class = dog",
                             "class == 'dog'",
                             "class=\"dog\"",
                             "CLASS = dog or class = dog",
                             "year = 2010",
                             "year >= 2010",
                             "year<2010.5",
                             "price > 2 and price < 3",
                             "sold = true",
                             "zip = '0815'",
                             "zip = 815",
                             "zip < 1000",
                             "day >= 2010-05-01",
                             "day < 2010-06",
                             "class != cat",
                             "class in (cat, dog)",
                             "year in (1, 2010)",
                             "tags = red",
                             "tags = Big",
                             "tags contains BI",
                             "sizes > 20",
                             "sizes < 2",
                             "class contains DO",
                             "place.city = Köln",
                             "place.city contains öl",
                             "place.geo.lat > 50",
                             "dotted.name = x",
                             "`odd name` = y",
                             "`is` = word",
                             "note is missing",
                             "none is missing",
                             "empty is missing",
                             "nothing is missing",
                             "class is not missing",
                             "not class = cat",
                             "not nothing = 1",
                             "class = cat or year = 2010 and sold = true",
                             "not (class = cat or year < 2000)",
                             "not not class = dog",
                             "big = 9007199254740993",
                             "price = +2.5",
                             "price = 25e-1",
                             "class <> cat",
                             "class  IN ( dog )AND year=2010"}) {
    EXPECT_TRUE(passes(filter)) << filter;
  }
}

TEST(Filter, HoldsBackWhatIsWorkedByHand) {
  for (const char* filter : {"class = cat",
                             "class = Dog",
                             "year = '2010.0'",
                             "year > 2010",
                             "sold = 1",
                             "zip = '815'",
                             "class != dog",
                             "tags != red",
                             "sizes > 30",
                             "sizes != 1",
                             "nothing = 1",
                             "nothing != 1",
                             "note = ''",
                             "none != 1",
                             "empty != 1",
                             "class > 5",
                             "class < 5",
                             "class is missing",
                             "class in (cat, 'do')",
                             "(class = cat or year = 2010) and sold = false",
                             "not class = dog",
                             "big = 9007199254740992",
                             "place.city = Koln",
                             "price = inf",
                             "tags contains green"}) {
    EXPECT_FALSE(passes(filter)) << filter;
  }
}

TEST(Filter, ComparesTextsByteByByteAndNumbersAsNumbers) {
  const auto row = nlohmann::json::parse(R"({"n": 9, "t": "9"})");
  EXPECT_TRUE(Filter("n < 10").matches(row));
  EXPECT_FALSE(Filter("n < '10'").matches(row));
  EXPECT_TRUE(Filter("t < 10").matches(row));
  EXPECT_FALSE(Filter("t < '10'").matches(row));
}

std::string error_in(const std::string& filter) {
  return error_of([&] { Filter{filter}; });
}

TEST(Filter, SaysWhereItCannotBeRead) {
  EXPECT_THAT(error_in(""), HasSubstr("usage: filter, character 1: expected a column, but the "
                                      "filter ends"));
  EXPECT_THAT(error_in("class dog"), HasSubstr("character 7: expected = != <"));
  EXPECT_THAT(error_in("class ="), HasSubstr("character 8: expected a value, but the filter ends"));
  EXPECT_THAT(error_in("class = dog year = 3"),
              HasSubstr("character 13: expected 'and', 'or' or the end, got 'year'"));
  EXPECT_THAT(error_in("größe = 'x"), HasSubstr("character 9: the quote ' is never closed"));
  EXPECT_THAT(error_in("(a = 1"), HasSubstr("character 7: expected ')'"));
  EXPECT_THAT(error_in("a in 3"), HasSubstr("character 6: expected '(' after 'in', got '3'"));
  EXPECT_THAT(error_in("a in (3 4)"), HasSubstr("character 9: expected ',' or ')', got '4'"));
  EXPECT_THAT(error_in("a & b"), HasSubstr("character 3: '&' means nothing here"));
  EXPECT_THAT(error_in("'a' = 1"), HasSubstr("`back quotes`"));
  EXPECT_THAT(error_in("a = `b`"), HasSubstr("expected a value; texts stand in"));
  EXPECT_THAT(error_in("a is red"), HasSubstr("character 6: expected 'missing'"));
  EXPECT_THAT(error_in("and = 1"), HasSubstr("expected a column, got 'and'"));
  EXPECT_THAT(error_in(std::string(200, '(')), HasSubstr("nested too deeply"));
  EXPECT_THAT(error_in(std::string(70'000, 'a')), HasSubstr("70000 bytes long"));
  EXPECT_THAT(error_in("a = \xff"), HasSubstr("not UTF-8"));
}

TEST(Filter, DoublesAQuoteToMeanOne) {
  const auto row = nlohmann::json::parse(R"({"a": "it's", "b`": 1})");
  EXPECT_TRUE(Filter("a = 'it''s'").matches(row));
  EXPECT_TRUE(Filter("a = \"it's\"").matches(row));
  EXPECT_TRUE(Filter("`b``` = 1").matches(row));
}

class FilteredIndex : public ::testing::Test {
 protected:
  FilteredIndex() {
    std::vector<IndexItem> items;
    for (int64_t n = 0; n < 10; ++n) {
      // Directions that turn away from (1, 0): number 0 is the best hit.
      const double angle = 0.1 * static_cast<double>(n);
      items.push_back(item_of("k" + std::to_string(n),
                              {static_cast<float>(cos(angle)), static_cast<float>(sin(angle))}, n));
    }
    index_->add(items);
  }
  std::vector<std::string> found(const std::string& where, int64_t k = 3) {
    return keys_of(index_->search(std::vector<float>{1, 0}, SearchOptions{k, where}));
  }

  Scratch scratch_;
  std::unique_ptr<Index> index_ = create_index(scratch_ / "x.index", kTestOrigin, 2);
};

TEST_F(FilteredIndex, GivesTheBestOfThoseThatPass) {
  EXPECT_THAT(found(""), ElementsAre("k0", "k1", "k2"));
  EXPECT_THAT(found("n >= 5"), ElementsAre("k5", "k6", "k7"));
  EXPECT_THAT(found("n in (9, 4)"), ElementsAre("k4", "k9"));
  EXPECT_THAT(found("n > 100"), ElementsAre());
  EXPECT_THAT(found("key = k3 or file = k8.png"), ElementsAre("k3", "k8"));
  EXPECT_THAT(found("field = image", 100).size(), 10u);
}

TEST_F(FilteredIndex, SeesChangesAtOnce) {
  EXPECT_THAT(found("n >= 8"), ElementsAre("k8", "k9"));
  index_->remove(std::vector<std::string>{"k8"});
  EXPECT_THAT(found("n >= 8"), ElementsAre("k9"));
  open_index(scratch_ / "x.index")->add(std::vector{item_of("new", {1, 0}, 11)});
  EXPECT_THAT(found("n >= 8"), ElementsAre("new", "k9"));
}

TEST_F(FilteredIndex, NamesTheNearestColumn) {
  EXPECT_THAT(error_of([&] { found("n > 1 and fiel = image"); }),
              HasSubstr("usage: filter, character 11: no item has a column 'fiel' (did you mean "
                        "'field'?); there are: field, file, key, n"));
}

TEST_F(FilteredIndex, OverNoItemsPassesAnyFilter) {
  const auto empty = create_index(scratch_ / "empty.index", kTestOrigin, 2);
  EXPECT_TRUE(empty->search(std::vector<float>{1, 0}, SearchOptions{3, "what = ever"}).empty());
  EXPECT_THAT(error_of([&] {
                empty->search(std::vector<float>{1, 0}, SearchOptions{3, "what"});
              }),
              HasSubstr("character 5"));
}

}  // namespace
}  // namespace braid
