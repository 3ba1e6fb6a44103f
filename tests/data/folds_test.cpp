#include "braid/data/folds.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "data_test.h"

namespace braid::data_test {
namespace {

using Json = nlohmann::json;

class FoldsTest : public DataTest {
 protected:
  // 24 rows in two manifests; patients of 1, 2, 3 rows in turn, one row of nobody.
  void SetUp() override {
    DataTest::SetUp();
    write("set/a.jpg", "a picture");
    std::string first, second;
    for (int patient = 0, n = 0; n < 23; ++patient) {
      for (int i = 0; i <= patient % 3 && n < 23; ++i, ++n) {
        (n % 2 ? first : second) += "{\"id\": " + std::to_string(n) + ", \"image\": \"a.jpg\", " +
                                    "\"patient\": \"p" + std::to_string(patient) + "\"}\n";
      }
    }
    write("set/first.jsonl", first);
    write("set/second.jsonl", second + "{\"id\": 23, \"image\": \"a.jpg\"}\n");
  }

  FoldsConfig config() const {
    FoldsConfig config;
    config.data.manifest = {"set/first.jsonl", "set/second.jsonl"};
    config.base = folder_;
    config.count = 4;
    config.group = "patient";
    config.seed = 2;
    config.output = folder_ / "folds/all.jsonl";
    return config;
  }

  std::vector<Json> rows() const {
    std::vector<Json> rows;
    std::istringstream text(read_text(folder_ / "folds/all.jsonl"));
    for (std::string line; std::getline(text, line);) rows.push_back(Json::parse(line));
    return rows;
  }
};

TEST_F(FoldsTest, EveryRowIsTestedOnceAndNoPatientIsOnTwoSides) {
  const auto made = make_folds(config());
  EXPECT_EQ(made.groups, 13);  // 12 patients (1 + 2 + 3, four times, less one row), and nobody
  ASSERT_EQ(made.rows.size(), 4u);
  for (const auto count : made.rows) EXPECT_NEAR(static_cast<double>(count), 6, 2);
  const auto all = rows();
  ASSERT_EQ(all.size(), 24u);
  for (const auto& row : all) {
    std::map<std::string, int> met;
    for (int k = 1; k <= 4; ++k) ++met[row["fold_" + std::to_string(k)]];
    EXPECT_EQ(met, (std::map<std::string, int>{{"test", 1}, {"val", 1}, {"train", 2}}));
    // What is tested in fold k chooses weights in the one before.
    for (int k = 1; k <= 4; ++k) {
      if (row["fold_" + std::to_string(k)] != "test") continue;
      EXPECT_EQ(row["fold_" + std::to_string(k == 1 ? 4 : k - 1)], "val");
    }
  }
  for (int k = 1; k <= 4; ++k) {
    std::map<std::string, std::set<std::string>> sides;
    int64_t tested = 0;
    for (const auto& row : all) {
      const std::string side = row["fold_" + std::to_string(k)];
      tested += side == "test";
      if (row.contains("patient")) sides[row["patient"]].insert(side);
    }
    EXPECT_EQ(tested, made.rows[static_cast<size_t>(k - 1)]);
    for (const auto& [patient, seen] : sides) EXPECT_EQ(seen.size(), 1u) << patient;
  }
}

TEST_F(FoldsTest, AreReadBySplitColumnAndFilesAreFoundFromTheNewPlace) {
  make_folds(config());
  auto read = one_manifest("folds/all.jsonl");
  read.allow_roots = {"set"};
  read.split_column = "fold_2";
  const auto data = open_dataset(read, {image_field("image")}, folder_);
  EXPECT_EQ(data->rows("train").size() + data->rows("val").size() + data->rows("test").size(), 24u);
  EXPECT_EQ(bytes_of(data->values(0, 0, 0).at(0)), "a picture");
  const auto first = read_text(folder_ / "folds/all.jsonl");
  make_folds(config());
  EXPECT_EQ(read_text(folder_ / "folds/all.jsonl"), first);
  auto other = config();
  other.seed = 3;
  make_folds(other);
  EXPECT_NE(read_text(folder_ / "folds/all.jsonl"), first);
}

TEST_F(FoldsTest, MistakesAreTold) {
  const auto refused = [&](ErrorCode code, const std::vector<std::string>& parts, auto change) {
    auto wrong = config();
    change(wrong);
    expect_error(code, parts, [&] { make_folds(wrong); });
  };
  refused(ErrorCode::kUsage, {"3 .. 100", "got 2"}, [](auto& c) { c.count = 2; });
  refused(ErrorCode::kUsage, {".jsonl"}, [](auto& c) { c.output = "folds"; });
  refused(ErrorCode::kInput, {"column 'patients'"}, [](auto& c) { c.group = "patients"; });
  refused(ErrorCode::kInput, {"13 groups", "14 parts"}, [](auto& c) { c.count = 14; });
  EXPECT_FALSE(fs::exists(folder_ / "folds/all.jsonl"));
}

}  // namespace
}  // namespace braid::data_test
