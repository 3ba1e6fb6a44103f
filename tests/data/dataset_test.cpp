#include "braid/data/dataset.h"

#include "data_test.h"

namespace braid::data_test {
namespace {

using Texts = std::vector<std::string>;

class DatasetTest : public DataTest {
 protected:
  std::unique_ptr<Dataset> open(const DataConfig& config,
                                const std::vector<FieldSource>& fields) const {
    return open_dataset(config, fields, folder_);
  }
};

TEST_F(DatasetTest, PoolsColumnsAndListsOfASource) {
  write("a.jsonl", R"({"en": ["a dog", "", null, "a hound"], "title": "Rex", "zh": "狗"})"
                   "\n"
                   R"({"en": [], "title": null})"
                   "\n");
  const auto data =
      open(one_manifest("a.jsonl"), {{"text", "text", {{"en", {"title", "en"}}, {"zh", {"zh"}}}}});
  EXPECT_EQ(texts_of(data->values(0, 0, 0)), (Texts{"Rex", "a dog", "a hound"}));
  EXPECT_EQ(texts_of(data->values(0, 0, 1)), Texts{"狗"});
  EXPECT_TRUE(data->values(1, 0, 0).empty());
  EXPECT_TRUE(data->values(1, 0, 1).empty());
  EXPECT_EQ(bytes_of(data->values(0, 0, 0)[1]), "a dog");
}

TEST_F(DatasetTest, ReadsNestedFieldsNumbersAndOtherColumns) {
  write("a.jsonl",
        R"({"tabular": {"age": 76.0, "sick": true}, "tags": ["x", "y"], "box": [[1, 2]]})"
        "\n");
  const auto data = open(one_manifest("a.jsonl"), {text_field("tabular.age")});
  EXPECT_EQ(texts_of(data->values(0, 0, 0)), Texts{"76.0"});
  EXPECT_EQ(data->column(0, "tabular.sick"), Texts{"true"});
  EXPECT_EQ(data->column(0, "tags"), (Texts{"x", "y"}));
  EXPECT_EQ(data->column(0, "box"), Texts{"[1,2]"});
  EXPECT_TRUE(data->column(0, "nothing").empty());
  EXPECT_EQ(data->row_json(0),
            R"({"tabular":{"age":76.0,"sick":true},"tags":["x","y"],"box":[[1,2]]})");
}

TEST_F(DatasetTest, RenamesOpenClipsColumns) {
  write("pictures/a.csv", "filepath\ttitle\nimg/1.jpg\ta dog\nimg/2.jpg\t\n");
  write("pictures/img/1.jpg", "jpeg one");
  auto config = one_manifest("pictures/a.csv");
  config.rename = {{"image", "filepath"}, {"text", "title"}};
  const auto data = open(config, {image_field("image"), text_field("text")});
  const auto image = data->values(0, 0, 0).at(0);
  EXPECT_EQ(image.text, "img/1.jpg");
  EXPECT_EQ(bytes_of(image), "jpeg one");
  EXPECT_EQ(texts_of(data->values(0, 1, 0)), Texts{"a dog"});
  EXPECT_TRUE(data->values(1, 1, 0).empty());
  expect_error(ErrorCode::kNotFound, {"2.jpg"}, [&] { fetch(data->values(1, 0, 0).at(0), 100); });
}

TEST_F(DatasetTest, FindsTarMembersByShardNameAndBesideTheManifest) {
  write("one.tar", tar_of({{"1.jpg", "one"}}));
  write("train.tar", tar_of({{"1.jpg", "beside"}, {"2.jpg", "two"}}));
  write("test.tar", tar_of({{"1.jpg", "test"}}));
  write("3.jpg", "plain");
  write("train.jsonl",
        R"({"image": "1.jpg", "shard": "one.tar", "split": "train"})"
        "\n"
        R"({"image": "1.jpg", "image_shard": "train.tar", "shard": "one.tar", "split": "train"})"
        "\n"
        R"({"image": ["2.jpg", "one.tar#1.jpg", "3.jpg"], "split": "train"})"
        "\n");
  write("all.jsonl", R"({"image": "1.jpg", "split": "train"})"
                     "\n"
                     R"({"image": "1.jpg", "split": "test"})"
                     "\n");
  const auto data = open(one_manifest("train.jsonl"), {image_field("image")});
  EXPECT_EQ(bytes_of(data->values(0, 0, 0).at(0)), "one");
  EXPECT_EQ(bytes_of(data->values(1, 0, 0).at(0)), "beside");
  Texts found;
  for (const auto& value : data->values(2, 0, 0)) found.push_back(bytes_of(value));
  EXPECT_EQ(found, (Texts{"two", "one", "plain"}));
  auto config = one_manifest("all.jsonl");
  config.split_column = "split";
  const auto all = open(config, {image_field("image")});
  EXPECT_EQ(bytes_of(all->values(0, 0, 0).at(0)), "beside");
  EXPECT_EQ(bytes_of(all->values(1, 0, 0).at(0)), "test");
}

TEST_F(DatasetTest, NamesMissingMembersAndDamagedTars) {
  write("bad.tar",
        tar_of({{"a", std::string(600, 'a')}, {"b", std::string(600, 'b')}}).substr(0, 1700));
  write("a.jsonl", R"({"image": "gone.jpg", "shard": "bad.tar"})"
                   "\n"
                   R"({"image": "x", "shard": "none.tar"})"
                   "\n"
                   R"({"image": "bad.tar#"})"
                   "\n");
  const auto data = open(one_manifest("a.jsonl"), {image_field("image")});
  expect_error(ErrorCode::kInput, {"gone.jpg", "damaged"},
               [&] { fetch(data->values(0, 0, 0).at(0), 100); });
  expect_error(ErrorCode::kNotFound, {"none.tar"},
               [&] { fetch(data->values(1, 0, 0).at(0), 100); });
  expect_error(ErrorCode::kInput, {"a.jsonl:3", "no member"}, [&] { data->values(2, 0, 0); });
  Value large{"bad.tar#a", folder_ / "bad.tar", "a"};
  expect_error(ErrorCode::kLimit, {"600", "599"}, [&] { fetch(large, 599); });
}

TEST_F(DatasetTest, KeepsRowsInsideTheManifestsFolder) {
  write("secret.txt", "secret");
  write("other/ok.txt", "allowed");
  write("set/in.txt", "inside");
  fs::create_directory_symlink(folder_ / "other", folder_ / "set/link");
  fs::create_symlink("../secret.txt", folder_ / "set/file_link");
  fs::create_symlink("in.txt", folder_ / "set/good_link");
  fs::create_directories(folder_ / "set2");
  Texts paths = {"in.txt",
                 "sub/../in.txt",
                 "good_link",
                 "../set/in.txt",
                 (folder_ / "set/in.txt").string(),
                 "../secret.txt",
                 "file_link",
                 "link/ok.txt",
                 (folder_ / "secret.txt").string(),
                 "..",
                 "../set2/x",
                 "a\\u0000b",
                 "../secret.tar#x",
                 std::string(300, 'n'),
                 "no/../../such"};
  std::string rows;
  for (const auto& path : paths) rows += "{\"image\": \"" + path + "\"}\n";
  write("set/a.jsonl", rows);
  auto config = one_manifest("set/a.jsonl");
  const auto data = open(config, {image_field("image")});
  for (int64_t row = 0; row < 5; ++row)
    EXPECT_EQ(bytes_of(data->values(row, 0, 0).at(0)), "inside") << row;
  for (int64_t row = 5; row < data->size(); ++row) {
    expect_error(ErrorCode::kInput, {"a.jsonl:" + std::to_string(row + 1)},
                 [&] { data->values(row, 0, 0); });
  }
  config.allow_roots = {"other"};
  const auto more = open(config, {image_field("image")});
  EXPECT_EQ(bytes_of(more->values(7, 0, 0).at(0)), "allowed");
  expect_error(ErrorCode::kInput, {"outside"}, [&] { more->values(5, 0, 0); });
  config.allow_roots = {"nowhere"};
  expect_error(ErrorCode::kNotFound, {"nowhere"}, [&] { open(config, {image_field("image")}); });
}

TEST_F(DatasetTest, RefusesFoldersAndPipesAsFiles) {
  write("a.jsonl", R"({"image": "sub"})"
                   "\n"
                   R"({"image": "pipe"})"
                   "\n");
  fs::create_directories(folder_ / "sub");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const auto data = open(one_manifest("a.jsonl"), {image_field("image")});
  for (int64_t row : {0, 1}) {
    expect_error(ErrorCode::kInput, {"not a file"},
                 [&] { fetch(data->values(row, 0, 0).at(0), 100); });
  }
}

TEST_F(DatasetTest, SplitsByFileColumnAndHash) {
  write("train.jsonl", "{\"t\": 1, \"s\": \"a\"}\n{\"t\": 2, \"s\": \"b\"}\n");
  write("test.jsonl", "{\"t\": 3, \"s\": \"b\"}\n");
  DataConfig by_file;
  by_file.files = {{"train", {"train.jsonl"}}, {"test", {"test.jsonl"}}};
  const auto files = open(by_file, {text_field("t")});
  EXPECT_EQ(files->size(), 3);
  EXPECT_EQ(files->rows("test"), std::vector<int64_t>{0});  // splits in the order of their names
  EXPECT_EQ(files->rows("train"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(files->key(2), "train.jsonl:2");
  EXPECT_EQ(files->where(2), "train.jsonl:2");

  auto by_column = one_manifest("train.jsonl");
  by_column.manifest.push_back("test.jsonl");
  by_column.split_column = "s";
  const auto column = open(by_column, {text_field("t")});
  EXPECT_EQ(column->splits(), (Texts{"a", "b"}));
  EXPECT_EQ(column->rows("b"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(column->rows(""), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_NE(column->fingerprint(), files->fingerprint());

  DataConfig joined;  // two manifests make one split
  joined.files["all"] = {"train.jsonl", "test.jsonl"};
  EXPECT_EQ(open(joined, {text_field("t")})->rows("all"), (std::vector<int64_t>{0, 1, 2}));
}

TEST_F(DatasetTest, EqualFileNamesAreToldApartByTheirFolders) {
  for (const char* name : {"x/a/t.jsonl", "y/a/t.jsonl", "y/b/t.jsonl", "u.jsonl"})
    write(name, "{\"t\": 1}\n");
  DataConfig config;
  config.manifest = {"x/a/t.jsonl", "y/a/t.jsonl", "y/b/t.jsonl", "u.jsonl"};
  const auto data = open(config, {});
  for (const auto& [row, where] : std::map<int64_t, std::string>{
           {0, "x/a/t.jsonl:1"}, {1, "y/a/t.jsonl:1"}, {2, "b/t.jsonl:1"}, {3, "u.jsonl:1"}}) {
    EXPECT_EQ(data->where(row), where);
  }
  // A run's recipe names the same files from another folder: keys must not change.
  config.manifest = {"../x/a/t.jsonl", "../y/a/t.jsonl", "../y/b/t.jsonl", "../u.jsonl"};
  EXPECT_EQ(open_dataset(config, {}, folder_ / "x")->where(1), "y/a/t.jsonl:1");
}

TEST_F(DatasetTest, HashSplitFollowsTheKeyAlone) {
  std::string rows;
  for (int i = 0; i < 2000; ++i) rows += "{\"id\": \"k" + std::to_string(i) + "\"}\n";
  write("a.jsonl", rows);
  auto config = one_manifest("a.jsonl");
  config.key = "id";
  config.hash = {{"train", 0.8}, {"val", 0.1}, {"test", 0.1}};
  const auto data = open(config, {text_field("id")});
  // Binomial: standard deviations 17.9 and 13.4; four of them.
  EXPECT_NEAR(static_cast<double>(data->rows("train").size()), 1600, 72);
  EXPECT_NEAR(static_cast<double>(data->rows("test").size()), 200, 54);
  write("a.jsonl", rows.substr(rows.find('\n') + 1));  // without the first row
  const auto less = open(config, {text_field("id")});
  for (int64_t row = 0; row < less->size(); ++row)
    ASSERT_EQ(less->split(row), data->split(row + 1));
  config.hash = {{"train", 0.8}, {"test", 0.1}};
  expect_error(ErrorCode::kConfig, {"sum to 1", "0.9"}, [&] { open(config, {}); });
  config.hash = {{"train", 1.5}, {"test", -0.5}};
  expect_error(ErrorCode::kConfig, {"hash.test"}, [&] { open(config, {}); });
}

TEST_F(DatasetTest, RefusesContradictingWaysToSplit) {
  write("a.jsonl", "{\"a\": 1}\n");
  auto config = one_manifest("a.jsonl");
  config.files["train"] = {"a.jsonl"};
  expect_error(ErrorCode::kConfig, {"both"}, [&] { open(config, {}); });
  config.files.clear();
  config.split_column = "a", config.hash = {{"x", 1.0}};
  expect_error(ErrorCode::kConfig, {"only one"}, [&] { open(config, {}); });
  expect_error(ErrorCode::kConfig, {"no manifest"}, [&] { open(DataConfig(), {}); });
}

TEST_F(DatasetTest, RefusesDuplicateAndMissingKeys) {
  write("a.jsonl", "{\"id\": \"x\"}\n{\"id\": \"y\"}\n\n{\"id\": \"x\"}\n");
  auto config = one_manifest("a.jsonl");
  config.key = "id";
  expect_error(ErrorCode::kInput, {"a.jsonl:4", "'x' stands twice", "a.jsonl:1"},
               [&] { open(config, {}); });
  write("a.jsonl", "{\"id\": \"x\"}\n{\"id\": null}\n");
  expect_error(ErrorCode::kInput, {"a.jsonl:2", "data.key", "got 0"}, [&] { open(config, {}); });
}

TEST_F(DatasetTest, NamesTheNearestColumnAndTheBadCell) {
  write("a.jsonl", "{\"caption\": \"x\", \"image\": \"1.jpg\"}\n{\"caption\": {\"en\": \"y\"}}\n");
  expect_error(ErrorCode::kConfig, {"'captoin'", "did you mean 'caption'"},
               [&] { open(one_manifest("a.jsonl"), {text_field("captoin")}); });
  expect_error(ErrorCode::kInput, {"a.jsonl:2", "'caption'", "an object"},
               [&] { open(one_manifest("a.jsonl"), {text_field("caption")}); });
}

TEST_F(DatasetTest, TakesTheConfiguredPathWhereFileNamesAreEqual) {
  write("x/a.jsonl", "{\"t\": 1}\n");
  write("y/a.jsonl", "{\"t\": 1}\n");
  auto config = one_manifest("x/a.jsonl");
  config.manifest.push_back("y/a.jsonl");
  const auto data = open(config, {text_field("t")});
  EXPECT_EQ(data->key(1), "y/a.jsonl:1");
}

TEST_F(DatasetTest, FingerprintFollowsContentAndSplits) {
  write("a.jsonl", "{\"t\": 1}\n");
  const auto before = open(one_manifest("a.jsonl"), {})->fingerprint();
  EXPECT_EQ(open(one_manifest("a.jsonl"), {text_field("t")})->fingerprint(), before);
  auto config = one_manifest("a.jsonl");
  config.hash = {{"train", 1.0}};
  EXPECT_NE(open(config, {})->fingerprint(), before);
  write("a.jsonl", "{\"t\": 2}\n");
  EXPECT_NE(open(one_manifest("a.jsonl"), {})->fingerprint(), before);
}

}  // namespace
}  // namespace braid::data_test
