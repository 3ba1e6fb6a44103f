// Five hundred kills over everything that changes an index: add, remove, compact, build, refresh,
// and what `braid index sync` does. After each the index must be whole: the state before or after
// some call, every item with the vector that belongs to it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <map>
#include <thread>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/rng.h"
#include "braid/index/sync_plan.h"

namespace braid::test {
namespace {

namespace fs = std::filesystem;
using Contents = std::map<std::string, std::string>;  // key -> what the vector was made from

constexpr int64_t kKilledWidth = 16;
constexpr int64_t kBaseItems = 1100;  // enough for a graph

std::vector<float> vector_of(const std::string& content) {
  Rng rng(mix(7, content));
  std::vector<float> vector;
  double square = 0;
  for (int64_t d = 0; d < kKilledWidth; ++d) {
    vector.push_back(static_cast<float>(rng.normal()));
    square += double{vector.back()} * vector.back();
  }
  for (float& value : vector) value = static_cast<float>(value / std::sqrt(square));
  return vector;
}

IndexItem item_of_content(const std::string& key, const std::string& content) {
  return {key, "image", nlohmann::json{{"content", content}}.dump(), "", vector_of(content)};
}

// Work in a child that is killed some time after it told of `calls` calls. Gives the last number it
// told of through `tell`, -1 for none.
template <class Work>
int64_t killed_after(int64_t calls, int64_t microseconds, Work&& work) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      work([&](int64_t number) {
        if (::write(ends[1], &number, sizeof number) != sizeof number) ::_exit(2);
      });
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
      ::_exit(3);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  int64_t last = -1, number = 0;
  const auto listen = [&] { return ::read(ends[0], &number, sizeof number) == sizeof number; };
  for (; calls > 0 && listen(); --calls) last = number;
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  while (listen()) last = number;
  ::close(ends[0]);
  return last;
}

// What an index holds; checks on the way that each vector is the one of its content, and that the
// index is undamaged.
Contents contents_of(const fs::path& folder) {
  const auto index = open_index(folder, {1, 5000});
  index->verify();
  Contents contents;
  index->visit([&](const IndexEntry& entry) {
    const auto row = nlohmann::json::parse(entry.metadata);
    const std::string content = row.contains("sync") ? row["sync"]["hash"] : row.at("content");
    const auto expected = vector_of(content);
    double cosine = 0;
    for (size_t d = 0; d < expected.size(); ++d) cosine += double{expected[d]} * entry.vector[d];
    EXPECT_NEAR(cosine, 1, 1e-5) << entry.key;
    contents[entry.key] = content;
  });
  EXPECT_EQ(index->size(), static_cast<int64_t>(contents.size()));
  return contents;
}

// Call number n of a history that never ends, made on `index` or only on `contents`.
void make_call(int64_t n, Index* index, Contents* contents) {
  switch (n % 8) {
    case 3:
      if (index) index->refresh();
      return;
    case 5:
      if (index) index->build(n % 16 == 5 ? IndexKind::kIvf : IndexKind::kHnsw);
      return;
    case 7:
      if (index) index->compact();
      return;
    case 1:
    case 4: {
      std::vector<std::string> keys;
      for (int64_t i = 0; i < 40; ++i) keys.push_back("k" + std::to_string((n * 31 + i) % 1500));
      if (index) index->remove(keys);
      for (const auto& key : keys) contents->erase(key);
      return;
    }
    default: {
      std::vector<IndexItem> items;
      for (int64_t i = 0; i < 60; ++i) {
        const auto key = "k" + std::to_string((n * 17 + i) % 1500);
        const auto content = key + " of call " + std::to_string(n);
        (*contents)[key] = content;
        if (index) items.push_back(item_of_content(key, content));
      }
      if (index) index->add(items);
    }
  }
}

TEST(IndexKills, ThreeHundredLeaveTheStateBeforeOrAfterACall) {
  std::string name = testing::TempDir() + "braid_kills_XXXXXX";
  const fs::path path = fs::path(::mkdtemp(name.data())) / "x.index";
  Contents contents;
  std::vector<IndexItem> base;
  for (int64_t i = 0; i < kBaseItems; ++i) {
    const auto key = "k" + std::to_string(i);
    contents[key] = "base " + key;
    base.push_back(item_of_content(key, contents[key]));
  }
  create_index(path, {"run", "hash", ""}, kKilledWidth)->add(base);
  Rng rng(20261123);
  int64_t next = 0;
  for (int kill = 0; kill < 300; ++kill) {
    const int64_t told = killed_after(rng.below(3), rng.below(60'000), [&](const auto& tell) {
      const auto index = open_index(path, {2, 5000});
      Contents unused;
      for (int64_t n = next;; ++n) {
        make_call(n, index.get(), &unused);
        tell(n);
      }
    });
    for (; next <= told; ++next) make_call(next, nullptr, &contents);
    Contents one_more = contents;
    make_call(next, nullptr, &one_more);
    const auto found = contents_of(path);
    ASSERT_TRUE(found == contents || found == one_more) << "kill " << kill << ", call " << next;
    if (found != contents) {
      contents = one_more;
      ++next;
    }
  }
  EXPECT_GT(next, 250) << "too few calls came through for the kills to mean anything";
  fs::remove_all(path.parent_path());
}

// As sync_verb.cpp does it, with a vector made from the hash instead of by a model.
void sync_once(const fs::path& folder, const fs::path& path) {
  const auto index = open_index(path, {2, 5000});
  auto plan = plan_sync(*index, path, scan_folder(folder, {".txt"}), false);
  index->remove(plan.removed);
  index->add(plan.touched);
  for (auto* files : {&plan.changed, &plan.added}) {
    for (size_t begin = 0; begin < files->size(); begin += 16) {
      std::vector<IndexItem> items;
      for (size_t i = begin; i < std::min(files->size(), begin + 16); ++i) {
        (*files)[i].hash = file_hash((*files)[i].path);
        items.push_back(synced_item((*files)[i], "text", path));
        items.back().vector = vector_of((*files)[i].hash);
      }
      index->add(items);
    }
  }
  index->refresh();
}

// Some files appear, some change (a few without changing size), some only get another time, some
// go.
void disturb_folder(const fs::path& folder, Rng& rng) {
  for (int64_t i = 0; i < 12; ++i) {
    const int64_t number = rng.below(160);
    const auto file =
        folder / ("d" + std::to_string(number % 7)) / ("f" + std::to_string(number) + ".txt");
    const int64_t what = rng.below(5);
    if (what == 0) {
      fs::remove(file);
    } else if (what == 1 && fs::exists(file)) {
      fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(1));
    } else {
      make_folder(file.parent_path());
      write_atomic(file, std::to_string(1000 + rng.below(what == 2 ? 9000 : 1'000'000'000)));
    }
  }
}

Contents hashes_in(const fs::path& folder) {
  Contents contents;
  for (const auto& file : scan_folder(folder, {".txt"}).files) {
    contents[file.key] = file_hash(file.path);
  }
  return contents;
}

TEST(IndexKills, TwoHundredDuringSyncAreMadeGoodByTheNextSync) {
  std::string name = testing::TempDir() + "braid_sync_XXXXXX";
  const fs::path scratch = ::mkdtemp(name.data());
  const auto folder = scratch / "files", path = scratch / "x.index";
  make_folder(folder);
  create_index(path, {"run", "hash", ""}, kKilledWidth);
  Rng rng(5);
  for (int kill = 0; kill < 200; ++kill) {
    disturb_folder(folder, rng);
    killed_after(0, rng.below(30'000), [&](const auto&) { sync_once(folder, path); });
    contents_of(path);  // undamaged, each vector of its file's hash
    if (kill % 10 != 9) continue;
    sync_once(folder, path);
    ASSERT_EQ(contents_of(path), hashes_in(folder)) << "kill " << kill;
  }
  fs::remove_all(scratch);
}

}  // namespace
}  // namespace braid::test
