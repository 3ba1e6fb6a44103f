#include "braid/index/sync_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "braid/core/file.h"
#include "tests/index/items.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SyncPlanTest : public ::testing::Test {
 protected:
  SyncPlanTest() {
    make_folder(folder_);
    create_index(path_, kTestOrigin, 2);
  }
  void write(const std::string& name, const std::string& content) {
    make_folder((folder_ / name).parent_path());
    write_atomic(folder_ / name, content);
  }
  SyncPlan plan(bool thorough = false) {
    return plan_sync(*open_index(path_), path_, scan_folder(folder_, {".png"}), thorough);
  }
  // What the verb does, with a vector from nowhere.
  void follow(SyncPlan plan) {
    auto index = open_index(path_);
    index->remove(plan.removed);
    index->add(plan.touched);
    for (auto* files : {&plan.added, &plan.changed}) {
      for (auto& file : *files) {
        file.hash = file_hash(file.path);
        auto item = synced_item(file, "image", path_);
        item.vector = {1, 2};
        index->add(std::vector{item});
      }
    }
  }
  static std::vector<std::string> names(const std::vector<FolderFile>& files) {
    std::vector<std::string> names;
    for (const auto& file : files) names.push_back(file.key);
    return names;
  }

  Scratch scratch_;
  std::filesystem::path folder_ = scratch_ / "photos", path_ = scratch_ / "x.index";
};

TEST_F(SyncPlanTest, ListsTheFilesOfItsKindByPath) {
  write("b.PNG", "1");
  write("a/deep/c.png", "2");
  write("a/notes.txt", "3");
  write(".hidden.png", "4");
  write(".trash/d.png", "5");
  std::filesystem::create_symlink("../b.PNG", folder_ / "a/link.png");
  std::filesystem::create_symlink("nowhere", folder_ / "dead.png");
  std::filesystem::create_symlink(".", folder_ / "loop");
  const auto scan = scan_folder(folder_, {".png"});
  EXPECT_THAT(names(scan.files), ElementsAre("a/deep/c.png", "a/link.png", "b.PNG"));
  EXPECT_EQ(scan.ignored, 1);
  EXPECT_EQ(scan.files[2].size, 1);
  write("odd\xff.png", "6");
  EXPECT_THAT(scan_folder(folder_, {".png"}).unnamed,
              ElementsAre((folder_ / "odd\xff.png").string()));
}

TEST_F(SyncPlanTest, RefusesWhatIsNoFolder) {
  EXPECT_THAT(error_of([&] { scan_folder(scratch_ / "none", {}); }),
              AllOf(HasSubstr("not_found: "), HasSubstr("is its disk mounted?")));
  write("a.png", "1");
  EXPECT_THAT(error_of([&] { scan_folder(folder_ / "a.png", {}); }), HasSubstr("not a folder"));
}

TEST_F(SyncPlanTest, AddsThenLeavesAlone) {
  write("a.png", "1");
  write("sub/b.png", "22");
  auto first = plan();
  EXPECT_THAT(names(first.added), ElementsAre("a.png", "sub/b.png"));
  EXPECT_EQ(first.known, 0);
  follow(first);
  const auto second = plan();
  EXPECT_EQ(second.unchanged, 2);
  EXPECT_EQ(second.known, 2);
  EXPECT_THAT(names(second.added), IsEmpty());
  EXPECT_THAT(plan(true).unchanged, 2);
  const auto hits = open_index(path_)->search(std::vector<float>{1, 2}, {5, "folder = sub"});
  EXPECT_THAT(keys_of(hits), ElementsAre("sub/b.png"));
  EXPECT_EQ(hits[0].file, "../photos/sub/b.png");
}

TEST_F(SyncPlanTest, TellsChangedTouchedAndRemovedApart) {
  for (const char* name : {"same.png", "longer.png", "other.png", "touched.png", "gone.png"}) {
    write(name, "12");
  }
  follow(plan());
  const auto later = [&](const char* name) {
    std::filesystem::last_write_time(
        folder_ / name, std::filesystem::last_write_time(folder_ / name) + std::chrono::seconds(2));
  };
  write("longer.png", "123");
  write("other.png", "34");
  later("other.png");
  later("touched.png");
  std::filesystem::remove(folder_ / "gone.png");
  const auto next = plan();
  EXPECT_THAT(names(next.changed), ElementsAre("longer.png", "other.png"));
  EXPECT_THAT(next.removed, ElementsAre("gone.png"));
  ASSERT_EQ(next.touched.size(), 1u);
  EXPECT_EQ(next.touched[0].key, "touched.png");
  EXPECT_EQ(next.touched[0].vector.size(), 2u);  // as it was: nothing is embedded
  EXPECT_EQ(next.unchanged, 1);
  follow(next);
  EXPECT_EQ(plan().unchanged, 4);
}

TEST_F(SyncPlanTest, SeesAContentThatKeptItsSizeAndTimeOnlyWhenThorough) {
  write("a.png", "12");
  follow(plan());
  const auto time = std::filesystem::last_write_time(folder_ / "a.png");
  write("a.png", "34");
  std::filesystem::last_write_time(folder_ / "a.png", time);
  EXPECT_EQ(plan().unchanged, 1);
  EXPECT_THAT(names(plan(true).changed), ElementsAre("a.png"));
}

TEST_F(SyncPlanTest, OnlyWritesNewPlacesWhenTheFolderMoved) {
  write("a.png", "12");
  follow(plan());
  const auto moved = scratch_ / "elsewhere";
  std::filesystem::rename(folder_, moved);
  const auto next = plan_sync(*open_index(path_), path_, scan_folder(moved, {".png"}), false);
  ASSERT_EQ(next.touched.size(), 1u);
  EXPECT_EQ(next.touched[0].file, "../elsewhere/a.png");
  EXPECT_THAT(names(next.changed), IsEmpty());
}

TEST_F(SyncPlanTest, LeavesItemsFromElsewhereAloneUnlessTheirKeyIsAFile) {
  open_index(path_)->add(std::vector{item_of("manifest row", {1, 0})});
  write("a.png", "1");
  EXPECT_THAT(plan().removed, IsEmpty());
  open_index(path_)->add(std::vector{item_of("a.png", {1, 0})});
  EXPECT_THAT(error_of([&] { plan(); }), AllOf(HasSubstr("state: "), HasSubstr("'a.png'")));
}

}  // namespace
}  // namespace braid
