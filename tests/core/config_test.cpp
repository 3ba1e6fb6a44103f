#include "braid/core/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace braid {
namespace {

using testing::HasSubstr;

enum class Shape { kRound, kFlat };
std::span<const char* const> enum_names(Shape*) {
  static constexpr const char* kNames[] = {"round", "flat"};
  return kNames;
}

struct Inner {
  double rate = 0.5;
  std::optional<int64_t> limit;
};
template <class Field>
void visit(Field&& field, Inner& c) {
  field("rate", c.rate, half_open(0.0, 1.0), "a share");
  field("limit", c.limit);
}

struct Outer {
  int64_t count = 3;
  bool on = false;
  std::string name = "plain";
  Shape shape = Shape::kRound;
  std::vector<int64_t> sizes = {1, 2};
  Inner inner;
  std::map<std::string, double> shares;
};
template <class Field>
void visit(Field&& field, Outer& c) {
  field("count", c.count, closed<int64_t>(1, 9), "how many");
  field("on", c.on);
  field("name", c.name);
  field("shape", c.shape);
  field("sizes", c.sizes);
  field("inner", c.inner);
  field("shares", c.shares);
}

std::string error_of(const std::string& yaml) {
  try {
    read<Outer>(ConfigNode::parse(yaml, "r.yaml"));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    return error.what();
  }
  return "accepted";
}

TEST(Config, ReadsEveryKindOfValue) {
  const auto c =
      read<Outer>(ConfigNode::parse("count: 4\non: true\nname: '12'\nshape: flat\nsizes: "
                                    "[5]\ninner: {rate: 0.25, limit: 7}\nshares: {a: 0.5}\n"));
  EXPECT_EQ(c.count, 4);
  EXPECT_TRUE(c.on);
  EXPECT_EQ(c.name, "12");
  EXPECT_EQ(c.shape, Shape::kFlat);
  EXPECT_EQ(c.sizes, std::vector<int64_t>{5});
  EXPECT_EQ(c.inner.rate, 0.25);
  EXPECT_EQ(c.inner.limit, 7);
  EXPECT_EQ(c.shares.at("a"), 0.5);
}

TEST(Config, KeepsDefaultsOfAbsentKeys) {
  const auto c = read<Outer>(ConfigNode::parse("{}"));
  EXPECT_EQ(c.count, 3);
  EXPECT_EQ(c.inner.rate, 0.5);
  EXPECT_FALSE(c.inner.limit.has_value());
}

TEST(Config, ReadsALoneValueAsAListOfOne) {
  EXPECT_EQ(read<Outer>(ConfigNode::parse("sizes: 8")).sizes, std::vector<int64_t>{8});
}

TEST(Config, NamesPlaceAndNearestKeyOfAnUnknownOne) {
  EXPECT_THAT(error_of("on: true\ninner:\n  rat: 0.1\n"),
              HasSubstr("r.yaml:3:8: unknown key 'rat' (did you mean 'rate'?)"));
}

TEST(Config, ListsTheKeysWhenNoneIsNear) {
  EXPECT_THAT(error_of("zzzzzz: 1\n"), HasSubstr("valid here: count, on, name"));
}

TEST(Config, RefusesAKeyThatStandsTwice) {
  EXPECT_THAT(error_of("count: 1\ncount: 2\n"), HasSubstr("r.yaml:2:1: key 'count' stands twice"));
}

TEST(Config, RefusesMergeKeys) {
  EXPECT_THAT(error_of("<<: {count: 1}\n"), HasSubstr("merge keys"));
}

TEST(Config, SaysWhatWasExpectedAndWhatCame) {
  EXPECT_THAT(error_of("count: many\n"), HasSubstr("r.yaml:1:8: expected an integer, got 'many'"));
  EXPECT_THAT(error_of("count: 12\n"), HasSubstr("count: expected 1 .. 9, got 12"));
  EXPECT_THAT(error_of("inner: {rate: 1.0}\n"), HasSubstr("rate: expected [0, 1), got 1.0"));
  EXPECT_THAT(error_of("inner: {rate: nan}\n"), HasSubstr("expected a number"));
  EXPECT_THAT(error_of("shape: flatt\n"),
              HasSubstr("expected round | flat, got 'flatt' (did you mean 'flat'?)"));
  EXPECT_THAT(error_of("on: [1]\n"), HasSubstr("expected true or false, got a list"));
  EXPECT_THAT(error_of("inner: 4\n"), HasSubstr("expected a map"));
}

TEST(Config, RefusesBadYamlWithItsPlace) {
  EXPECT_THAT(error_of("count: [1, 2\n"), HasSubstr("r.yaml:"));
  EXPECT_THAT(error_of("a: b: c\n"), HasSubstr("not valid YAML"));
  EXPECT_THAT(error_of("name: \xff\n"), HasSubstr("not UTF-8"));
  EXPECT_THAT(error_of(std::string(100, '[')), HasSubstr("nested deeper"));
}

TEST(Config, OverridesReplaceAndMakeKeys) {
  auto node = ConfigNode::parse("count: 1\ninner: {rate: 0.1}\nsizes: [1, 2]\n");
  node.override_with("inner.rate=0.75");
  node.override_with("inner.limit=2");
  node.override_with("sizes.1=9");
  node.override_with("shape=flat");
  const auto c = read<Outer>(node);
  EXPECT_EQ(c.inner.rate, 0.75);
  EXPECT_EQ(c.inner.limit, 2);
  EXPECT_EQ(c.sizes, (std::vector<int64_t>{1, 9}));
  EXPECT_EQ(c.shape, Shape::kFlat);
}

TEST(Config, RefusesOverridesThatLeadNowhere) {
  auto node = ConfigNode::parse("count: 1\nsizes: [1]\n");
  EXPECT_THROW(node.override_with("count"), Error);
  EXPECT_THROW(node.override_with("count.x=1"), Error);
  EXPECT_THROW(node.override_with("sizes.4=1"), Error);
}

TEST(Config, WritesWhatItReads) {
  Outer c;
  c.name = "a: b # c";
  c.inner.rate = 0.1;
  c.shares = {{"train", 0.8}, {"1", 0.2}};
  const auto yaml = write(c).to_yaml();
  const auto back = read<Outer>(ConfigNode::parse(yaml));
  EXPECT_EQ(back.name, c.name);
  EXPECT_EQ(back.inner.rate, c.inner.rate);
  EXPECT_EQ(back.shares, c.shares);
  EXPECT_EQ(write(back).to_yaml(), yaml);
}

TEST(Config, WritesTextsSoThatTheyReadBack) {
  for (const std::string text : {"", "null", "true", "12", "1e3", "- x", "a\nb", "tab\t", "# no",
                                 "\"q\"", "中文", "a: b", " lead", "{x}"}) {
    auto node = ConfigNode::map();
    node.put("name", ConfigNode::scalar(text, true));
    EXPECT_EQ(read<Outer>(ConfigNode::parse(node.to_yaml())).name, text) << node.to_yaml();
  }
}

TEST(Config, DescribesKeysWithTypeDefaultAndRange) {
  const auto docs = describe<Outer>();
  EXPECT_EQ(docs[0].name, "count");
  EXPECT_EQ(docs[0].type, "integer");
  EXPECT_EQ(docs[0].fallback, "3");
  EXPECT_EQ(docs[0].range, "1 .. 9");
  EXPECT_EQ(docs[0].help, "how many");
  EXPECT_EQ(docs[3].type, "round | flat");
  EXPECT_EQ(docs[5].nested[0].name, "rate");
}

TEST(Config, ExpandsTheEnvironmentAndNamesWhatIsNotSet) {
  setenv("BRAID_TEST_ROOT", "/somewhere", 1);
  EXPECT_EQ(expand_environment("${BRAID_TEST_ROOT}/x"), "/somewhere/x");
  unsetenv("BRAID_TEST_ROOT");
  try {
    expand_environment("${BRAID_TEST_ROOT}/x");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("BRAID_TEST_ROOT is not set"));
  }
}

TEST(Config, PrintsNumbersShortestFirst) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(1e-8), "1e-08");
  EXPECT_EQ(number_text(1.0 / 3), "0.3333333333333333");
}

}  // namespace
}  // namespace braid
