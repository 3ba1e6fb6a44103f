// Orders, patterns, references, keys: small parts of the data layer.
#include <algorithm>
#include <numeric>
#include <set>

#include "braid/data/epoch_order.h"
#include "braid/data/key_check.h"
#include "braid/data/pattern.h"
#include "braid/core/reference.h"
#include "data_test.h"

namespace braid::data_test {
namespace {

std::vector<int64_t> first_rows(int64_t n) {
  std::vector<int64_t> rows(static_cast<size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

TEST(EpochOrder, TakesEveryRowOnceAndAnewEachEpoch) {
  const auto rows = first_rows(100);
  for (const auto buffer : {std::optional<int64_t>(), std::optional<int64_t>(7),
                            std::optional<int64_t>(1), std::optional<int64_t>(1000)}) {
    const auto order = epoch_order(rows, {0, 40, 70}, buffer, 5, 0);
    EXPECT_TRUE(std::is_permutation(order.begin(), order.end(), rows.begin(), rows.end()));
    EXPECT_EQ(order, epoch_order(rows, {0, 40, 70}, buffer, 5, 0));
    EXPECT_NE(order, epoch_order(rows, {0, 40, 70}, buffer, 5, 1));
    EXPECT_NE(order, epoch_order(rows, {0, 40, 70}, buffer, 6, 0));
  }
}

TEST(EpochOrder, ABufferOfOneKeepsTheOrderOfEachStream) {
  const auto order = epoch_order(first_rows(9), {0, 3, 6}, 1, 1, 0);
  std::set<int64_t> begins;
  for (size_t i = 0; i < 9; i += 3) {
    begins.insert(order[i]);
    EXPECT_EQ(order[i + 1], order[i] + 1);
    EXPECT_EQ(order[i + 2], order[i] + 2);
  }
  EXPECT_EQ(begins, (std::set<int64_t>{0, 3, 6}));
}

TEST(EpochOrder, ARowComesNoSoonerThanTheBufferHasReadIt) {
  const auto order = epoch_order(first_rows(500), {0}, 20, 3, 0);
  bool moved = false;
  for (int64_t i = 0; i < 500; ++i) {
    EXPECT_LE(order[static_cast<size_t>(i)], i + 20);
    moved = moved || order[static_cast<size_t>(i)] != i;
  }
  EXPECT_TRUE(moved);
}

TEST(EpochOrder, TakesPartOfTheRows) {
  const auto order = epoch_order({2, 5, 41, 43}, {0, 40, 70}, 2, 0, 0);
  EXPECT_EQ(std::set<int64_t>(order.begin(), order.end()), (std::set<int64_t>{2, 5, 41, 43}));
}

TEST(Pattern, ExpandsRangesAndLists) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(expand_braces("plain.tar"), Names{"plain.tar"});
  EXPECT_EQ(expand_braces("a-{08..10}.tar"), (Names{"a-08.tar", "a-09.tar", "a-10.tar"}));
  EXPECT_EQ(expand_braces("a-{8..10}"), (Names{"a-8", "a-9", "a-10"}));
  EXPECT_EQ(expand_braces("{x,y}/{0..1}"), (Names{"x/0", "x/1", "y/0", "y/1"}));
}

TEST(Pattern, RefusesBadRanges) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a-{3..1}", "backwards"},   {"a-{a..c}", "no range"},      {"a-{00..100}", "widths"},
      {"a-{0..9", "do not match"}, {"a-}0..9{", "do not match"},  {"a-{0..{1..2}}", "inside"},
      {"a-{7}", "neither"},        {"a-{0..1000000}", "100000"},  {"a-{-1..3}", "no range"},
      {"a-{..3}", "no range"},     {"{0..999}{0..999}", "100000"}};
  for (const auto& [text, why] : cases)
    expect_error(ErrorCode::kConfig, {text, why}, [&] { expand_braces(text); });
}

TEST(ReferenceTest, KnowsContainersByTheirNames) {
  const auto parts = [](const std::string& text) {
    const auto found = split_reference(text);
    return found ? found->file + " | " + found->member : "none";
  };
  EXPECT_EQ(parts("a.tar#b/c.jpg"), "a.tar | b/c.jpg");
  EXPECT_EQ(parts("a#1/b.TAR.ZST#c#d"), "a#1/b.TAR.ZST | c#d");
  EXPECT_EQ(parts("train-images-idx3-ubyte.gz#17"), "train-images-idx3-ubyte.gz | 17");
  EXPECT_EQ(parts("x.npz#images#3"), "x.npz | images#3");
  EXPECT_EQ(parts("x.idx3#3"), "x.idx3 | 3");
  EXPECT_EQ(parts("photo #1.jpg"), "none");
  EXPECT_EQ(parts("a.tar"), "none");
}

TEST(KeyCheckTest, FindsTheFirstRowThatRepeatsAKey) {
  const std::vector<std::string> keys = {"a", "b", "c", "b", "a", "c"};
  KeyCheck check;
  for (const auto& key : keys) check.add(key);
  const auto found =
      check.first_double([&](int64_t row) { return keys[static_cast<size_t>(row)]; });
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (std::pair<int64_t, int64_t>{1, 3}));
  for (const char* key : {"x", "y"}) check.add(key);
  EXPECT_FALSE(check.first_double([](int64_t row) { return std::to_string(row); }));
}

}  // namespace
}  // namespace braid::data_test
