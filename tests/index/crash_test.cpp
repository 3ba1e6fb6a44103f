// Kills, full disks, and readers beside a writer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include "braid/index/database.h"
#include "tests/index/items.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::HasSubstr;
using State = std::map<std::string, std::string>;  // key -> metadata

constexpr int64_t kWidth = 16;
const std::vector<float> kQuery(kWidth, 1);

State state_of(const Index& index) {
  State state;
  for (const auto& hit : index.search(kQuery, 1000)) state[hit.key] = hit.metadata;
  return state;
}

// Call number n of a history that never ends: adds and replaces, removes, compacts. Every call but
// the compacts changes what is there. The call is made on `index`, or only on `state`.
void make_call(int64_t n, Index* index, State* state) {
  if (n % 5 == 4) {
    if (index) index->compact();
    return;
  }
  if (n % 5 == 2) {
    const std::vector<std::string> keys = {"k" + std::to_string(n % 17),
                                           "k" + std::to_string(n % 11), "call"};
    if (index) index->remove(keys);
    for (const auto& key : keys) state->erase(key);
    return;
  }
  std::vector<IndexItem> items = {item_of("call", random_vector(kWidth, 1), n)};
  for (int64_t i = 0; i < 4; ++i) {
    items.push_back(item_of("k" + std::to_string((n * 3 + i) % 20),
                            random_vector(kWidth, static_cast<uint64_t>(n + i)), n));
  }
  if (index) index->add(items);
  for (const auto& item : items) (*state)[item.key] = item.metadata;
}

// Makes calls from number `first` on, telling of each that returned, until killed.
[[noreturn]] void call_for_ever(const std::filesystem::path& folder, int64_t first, int pipe) {
  try {
    auto index = open_index(folder);
    State unused;
    for (int64_t n = first;; ++n) {
      make_call(n, index.get(), &unused);
      if (::write(pipe, &n, sizeof n) != sizeof n) ::_exit(2);
    }
  } catch (const std::exception&) {
    ::_exit(3);
  }
}

// Runs call_for_ever in a child, kills it after a while, gives the last call it told of.
int64_t killed_after(const std::filesystem::path& folder, int64_t first, int64_t microseconds) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) call_for_ever(folder, first, ends[1]);
  ::close(ends[1]);
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself, status " << status;
  int64_t last = first - 1, n = 0;
  while (::read(ends[0], &n, sizeof n) == sizeof n) last = n;
  ::close(ends[0]);
  return last;
}

TEST(IndexKilled, HoldsTheStateBeforeOrAfterTheLastCall) {
  const Scratch scratch;
  const auto folder = scratch / "x.index";
  create_index(folder, kTestOrigin, kWidth);
  Rng rng(9);
  State state;
  const auto begin = std::chrono::steady_clock::now();
  make_call(0, open_index(folder).get(), &state);
  // Slow disks need longer for a call: kills must fall into calls and between them.
  const int64_t call_us = std::chrono::duration_cast<std::chrono::microseconds>(
                              std::chrono::steady_clock::now() - begin)
                              .count();
  int64_t next = 1;
  for (int round = 0; round < 40; ++round) {
    const int64_t last = killed_after(folder, next, rng.below(20'000 + 4 * call_us));
    for (; next <= last; ++next) make_call(next, nullptr, &state);
    State one_more = state;
    make_call(next, nullptr, &one_more);
    auto index = open_index(folder);
    index->verify();
    const State found = state_of(*index);
    ASSERT_EQ(index->size(), static_cast<int64_t>(found.size()));
    ASSERT_TRUE(found == state || found == one_more) << "round " << round << ", call " << next;
    if (found != state) {
      state = one_more;
      ++next;
    }
  }
  EXPECT_GT(next, 4) << "too few calls came through for the kills to mean anything";
  auto index = open_index(folder);
  index->add(std::vector{item_of("last", kQuery)});
  index->compact();
  // One segment and index.sqlite: what the killed left behind is gone.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 2);
}

class FullDisk : public ::testing::Test {
 protected:
  FullDisk() {
    create_index(folder_, kTestOrigin, kWidth)->add(std::vector{item_of("old", kQuery)});
    before_ = state_of(*open_index(folder_));
  }
  void expect_refused(const std::vector<IndexItem>& items, rlim_t limit,
                      const std::string& message) {
    const int status = in_child_with_file_limit(
        limit,
        [&] {
          auto index = open_index(folder_);
          const std::string error = error_of([&] { index->add(items); });
          return state_of(*index) == before_ ? error : "state changed";
        },
        message);
    EXPECT_EQ(status, 0);
    auto index = open_index(folder_);
    index->verify();
    EXPECT_EQ(state_of(*index), before_);
    // A commit that failed leaves its file to the next change, which knows what was committed.
    index->remove(std::vector<std::string>{"nobody"});
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      files.push_back(entry.path().filename());
    EXPECT_THAT(files, ::testing::UnorderedElementsAre("index.sqlite", "segment-1.bin"));
  }

  Scratch scratch_;
  std::filesystem::path folder_ = scratch_ / "x.index";
  State before_;
};

TEST_F(FullDisk, KeepsTheOldStateWhenVectorsDoNotFit) {
  std::vector<IndexItem> items;
  for (int i = 0; i < 2000; ++i) items.push_back(item_of("old" + std::to_string(i), kQuery));
  expect_refused(items, 100'000, "io: " + (folder_ / "segment-2.bin").string() + ": cannot write");
}

TEST_F(FullDisk, KeepsTheOldStateWhenMetadataDoesNotFit) {
  auto item = item_of("old", kQuery);
  item.metadata = "{\"text\":\"" + std::string(200'000, 'x') + "\"}";
  expect_refused({item}, 100'000, "io: " + (folder_ / "index.sqlite").string());
}

TEST(IndexLocked, SaysThatAnotherProcessIsWriting) {
  const Scratch scratch;
  const auto folder = scratch / "x.index";
  auto index = create_index(folder, kTestOrigin, kWidth, {1, 20});
  index->add(std::vector{item_of("a", kQuery)});
  Database other(folder / "index.sqlite", 0);
  const Transaction held(other, Transaction::Kind::kWrite);
  const std::string error = error_of([&] { index->add(std::vector{item_of("b", kQuery)}); });
  EXPECT_THAT(error, HasSubstr("state: "));
  EXPECT_THAT(error, HasSubstr("another process is writing"));
  EXPECT_EQ(state_of(*index).size(), 1u);  // reading goes on
}

// Every add replaces all keys at once, so a reader that saw a mixture would find two numbers.
void expect_one_number(const Index& index) {
  const auto hits = index.search(kQuery, 100);
  ASSERT_EQ(hits.size(), 8u);
  for (const auto& hit : hits) ASSERT_EQ(hit.metadata, hits[0].metadata);
}

TEST(IndexShared, ReadersSeeWholeStatesWhileOneWrites) {
  const Scratch scratch;
  const auto folder = scratch / "x.index";
  auto index = create_index(folder, kTestOrigin, kWidth);
  const auto write = [&](int64_t number) {
    std::vector<IndexItem> items;
    for (uint64_t i = 0; i < 8; ++i) {
      items.push_back(item_of("k" + std::to_string(i), random_vector(kWidth, i), number));
    }
    index->add(items);
    if (number % 10 == 5) index->compact();
  };
  int64_t last = 0;
  write(last);
  std::atomic<bool> done{false};
  std::atomic<int64_t> searches{0};
  std::vector<std::string> errors(3);
  {
    std::vector<std::jthread> readers;
    for (size_t r = 0; r < errors.size(); ++r) {
      readers.emplace_back([&, r] {
        errors[r] = error_of([&] {
          // Two on the writer's object, one on its own, as another process would be.
          const auto own = r == 2 ? open_index(folder) : nullptr;
          while (!done) {
            expect_one_number(own ? *own : *index);
            ++searches;
          }
        });
      });
    }
    while (last < 60 || searches < 60) write(++last);  // enough of both, however slow the readers
    done = true;
  }
  for (const auto& error : errors) EXPECT_EQ(error, "no error");
  EXPECT_EQ(state_of(*index)["k0"], "{\"n\":" + std::to_string(last) + "}");
}

}  // namespace
}  // namespace braid
