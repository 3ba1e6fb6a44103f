#include "braid/core/block_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "braid/core/rng.h"

namespace braid {
namespace {

constexpr size_t kPage = BlockPool::kAlignment;

TEST(BlockPool, TakesTheSmallestGapThatFits) {
  BlockPool pool(100 * kPage);
  auto* a = pool.take(4 * kPage);
  pool.take(1);
  auto* b = pool.take(2 * kPage);
  pool.take(1);
  EXPECT_EQ(pool.spread_bytes(), 8 * kPage);
  pool.give_back(a);
  pool.give_back(b);
  EXPECT_EQ(pool.used_bytes(), 2 * kPage);
  EXPECT_EQ(pool.take(2 * kPage - 5), b);
  EXPECT_EQ(pool.take(3 * kPage), a);
  EXPECT_EQ(pool.take(kPage), static_cast<std::byte*>(a) + 3 * kPage);  // what was left of the gap
  EXPECT_EQ(pool.spread_bytes(), 8 * kPage);
}

TEST(BlockPool, NeighboursBecomeOneWhicheverComesBackFirst) {
  for (const auto& order : {std::vector{0, 1, 2}, {2, 1, 0}, {0, 2, 1}, {1, 0, 2}}) {
    BlockPool pool(100 * kPage);
    std::vector<void*> blocks;
    for (int i = 0; i < 3; ++i) blocks.push_back(pool.take(3 * kPage));
    pool.take(1);
    for (const int i : order) EXPECT_TRUE(pool.give_back(blocks[static_cast<size_t>(i)]));
    EXPECT_EQ(pool.take(9 * kPage), blocks[0]);
  }
}

TEST(BlockPool, TheLastBlockGrowsInPlace) {
  BlockPool pool(100 * kPage);
  pool.take(kPage);
  auto* last = pool.take(kPage);
  pool.give_back(last);
  EXPECT_EQ(pool.take(5 * kPage), last);
  EXPECT_EQ(pool.spread_bytes(), 6 * kPage);
}

TEST(BlockPool, SaysWhereThereIsNoRoomAndWhatIsNotItsOwn) {
  BlockPool pool(4 * kPage);
  auto* whole = pool.take(4 * kPage);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(pool.take(1), nullptr);
  EXPECT_TRUE(pool.give_back(whole));
  EXPECT_EQ(pool.take(4 * kPage + 1), nullptr);
  EXPECT_EQ(pool.take(4 * kPage), whole);
  int other = 0;
  EXPECT_FALSE(pool.give_back(&other));

  BlockPool impossible(size_t{1} << 62);
  EXPECT_EQ(impossible.take(1), nullptr);
  EXPECT_FALSE(impossible.give_back(&other));
}

// Blocks filled with their own byte keep it while others come and go, in four threads.
TEST(BlockPool, BlocksOfThreadsNeverOverlap) {
  BlockPool pool(4096 * kPage);
  std::vector<int> spoilt(4, 0);
  const auto use = [&](size_t thread) {
    Rng rng(thread);
    std::vector<std::pair<unsigned char*, size_t>> mine;
    const auto mark = static_cast<unsigned char>(thread + 1);
    for (int i = 0; i < 400; ++i) {
      const size_t bytes = 1 + static_cast<size_t>(rng.below(8 * kPage));
      auto* block = static_cast<unsigned char*>(pool.take(bytes));
      std::memset(block, mark, bytes);
      mine.emplace_back(block, bytes);
      if (mine.size() < 20) continue;
      const auto [old, size] = mine[static_cast<size_t>(rng.below(static_cast<int64_t>(mine.size())))];
      for (size_t at = 0; at < size; ++at) spoilt[thread] += old[at] != mark;
      std::erase_if(mine, [&](const auto& one) { return one.first == old; });
      pool.give_back(old);
    }
    for (const auto& [block, size] : mine) pool.give_back(block);
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 4; ++i) threads.emplace_back(use, i);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(spoilt, std::vector<int>(4, 0));
  EXPECT_EQ(pool.used_bytes(), 0u);
  const size_t spread = pool.spread_bytes();
  pool.take(spread);  // one gap again
  EXPECT_EQ(pool.spread_bytes(), spread);
}

}  // namespace
}  // namespace braid
