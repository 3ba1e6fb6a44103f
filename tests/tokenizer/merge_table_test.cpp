#include "braid/tokenizer/merge_table.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "braid/core/rng.h"
#include "braid/tokenizer/word_cache.h"

namespace braid {
namespace {

std::vector<int64_t> encode(const std::vector<Merge>& merges, std::string_view word) {
  std::vector<int64_t> ids;
  MergeTable(merges).apply({word.begin(), word.end()}, ids);
  return ids;
}

using Ids = std::vector<int64_t>;

TEST(MergeTable, TakesTheLowestRankFirst) {
  const std::vector<Merge> bc_first = {{'b', 'c', 256}, {'a', 'b', 257}, {'a', 256, 258}};
  EXPECT_EQ(encode(bc_first, "abc"), (Ids{258}));
  EXPECT_EQ(encode(bc_first, "abd"), (Ids{257, 'd'}));
  const std::vector<Merge> ab_first = {{'a', 'b', 256}, {'b', 'c', 257}};
  EXPECT_EQ(encode(ab_first, "abc"), (Ids{256, 'c'}));
}

TEST(MergeTable, TakesTheLeftmostOfEquals) {
  EXPECT_EQ(encode({{'a', 'a', 256}}, "aaa"), (Ids{256, 'a'}));
  EXPECT_EQ(encode({{'a', 'a', 256}, {256, 'a', 257}}, "aaaaa"), (Ids{256, 257}));
}

TEST(MergeTable, GivesNothingForNothing) { EXPECT_TRUE(encode({}, "").empty()); }

// Applies merges by looking at the whole word each time.
Ids encode_slowly(const std::vector<Merge>& merges, std::string_view word) {
  Ids ids(word.begin(), word.end());
  for (;;) {
    size_t best = merges.size(), where = 0;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      for (size_t rank = 0; rank < best; ++rank) {
        if (merges[rank].left == ids[i] && merges[rank].right == ids[i + 1]) best = rank, where = i;
      }
    }
    if (best == merges.size()) return ids;
    ids[where] = merges[best].result;
    ids.erase(ids.begin() + static_cast<int64_t>(where) + 1);
  }
}

TEST(MergeTable, AgreesWithTheSlowWayOnRandomMerges) {
  Rng rng(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<Merge> merges;
    const auto any = [&] {
      const auto made = static_cast<int64_t>(merges.size());
      const int64_t pick = rng.below(3 + made);
      return static_cast<int32_t>(pick < 3 ? 'a' + pick : 253 + pick);
    };
    for (int32_t result = 256; result < 276; ++result) merges.push_back({any(), any(), result});
    std::string word;
    for (int i = 0; i < 40; ++i) word += static_cast<char>('a' + rng.below(3));
    ASSERT_EQ(encode(merges, word), encode_slowly(merges, word)) << word;
  }
}

TEST(MergeTable, StaysFastOnOneVeryLongWord) {
  std::vector<Merge> merges = {{'a', 'a', 256}};
  for (int32_t id = 256; id < 270; ++id) merges.push_back({id, id, id + 1});
  EXPECT_EQ(encode(merges, std::string(1 << 18, 'a')).size(), 8u);  // 2^18 / 2^15
}

TEST(WordCache, GivesBackWhatWasPutFromManyThreads) {
  WordCache cache;
  const auto work = [&] {
    for (int64_t i = 0; i < 500; ++i) {
      const std::string word = "word" + std::to_string(i);
      Ids ids;
      if (cache.find(word, ids)) {
        EXPECT_EQ(ids, Ids{i});
      } else {
        cache.put(word, {i});
      }
    }
  };
  std::thread other(work);
  work();
  other.join();
  Ids ids = {7};
  EXPECT_TRUE(cache.find("word42", ids));
  EXPECT_EQ(ids, (Ids{7, 42}));
  EXPECT_FALSE(cache.find("other", ids));
}

}  // namespace
}  // namespace braid
