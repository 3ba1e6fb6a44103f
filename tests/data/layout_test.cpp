// Folders and JSON files as tables, and how a layout is found.
#include "braid/data/layout/layout.h"

#include "packed.h"

namespace braid::data_test {
namespace {

using Strings = std::vector<std::string>;

class LayoutTest : public DataTest {
 protected:
  std::unique_ptr<Dataset> open(const std::string& name, DataConfig config = {}) const {
    config.manifest = {name};
    return open_dataset(config, {image_field("image"), text_field("text")}, folder_);
  }
  void expect_refused(const std::string& name, ErrorCode code, const Strings& parts,
                      const DataConfig& config = {}) const {
    expect_error(code, parts, [&] { open(name, config); });
  }
};

TEST_F(LayoutTest, PairsPicturesWithTextsOfTheSameName) {
  write("set/b.png", "two");
  write("set/b.txt",
        "\xef\xbb\xbf"
        "a cat\r\n\r\nanother line\r\n");
  write("set/sub/a.JPG", "one");
  write("set/sub/a.txt", "一只狗");
  write("set/README.txt", "a note, no text of a picture");
  write("set/.hidden/c.jpg", "left out");
  const auto data = open("set");
  EXPECT_EQ(row_texts(*data), (Strings{R"({"image":"b.png","text":["a cat","another line"]})",
                                       R"({"image":"sub/a.JPG","text":"一只狗"})"}));
  EXPECT_EQ(data->where(1), "set/sub/a.JPG");
  EXPECT_EQ(bytes_of(data->values(1, 0, 0).at(0)), "one");
  EXPECT_EQ(data->streams().at(0).layout, "pairs");
}

TEST_F(LayoutTest, RefusesHalvesOfPairs) {
  write("set/a.jpg", "one");
  write("set/a.txt", "a");
  write("set/b.jpg", "two");
  DataConfig keep;
  keep.keep_unpaired = true;
  expect_refused("set", ErrorCode::kInput, {"b.jpg has no b.txt", "keep_unpaired"});
  EXPECT_TRUE(open("set", keep)->values(1, 1, 0).empty());
  fs::remove(folder_ / "set/b.jpg");
  write("set/c.txt", "c");
  expect_refused("set", ErrorCode::kInput, {"c.txt has no picture"});
  EXPECT_EQ(open("set", keep)->size(), 1);
  fs::remove(folder_ / "set/c.txt");
  write("set/a.png", "which?");
  expect_refused("set", ErrorCode::kInput, {"a.jpg and a.png share one name"});
  fs::remove(folder_ / "set/a.png");
  write("set/a.txt", "\xff");
  expect_refused("set", ErrorCode::kInput, {"a.txt", "UTF-8"});
}

TEST_F(LayoutTest, FolderNamesAreClasses) {
  write("set/big_cat/1.jpg", "one");
  write("set/big_cat/more/2.jpg", "two");
  write("set/dog/1.jpg", "three");
  write("set/dog/Thumbs.db", "left out");
  const auto data = open("set");
  EXPECT_EQ(row_texts(*data),
            (Strings{R"({"image":"big_cat/1.jpg","label":"big_cat","text":"big cat"})",
                     R"({"image":"big_cat/more/2.jpg","label":"big_cat","text":"big cat"})",
                     R"({"image":"dog/1.jpg","label":"dog","text":"dog"})"}));
  EXPECT_EQ(bytes_of(data->values(1, 0, 0).at(0)), "two");
  EXPECT_TRUE(data->splits().empty());
  write("set/labels.txt", "a list, no half of a pair");
  EXPECT_EQ(open("set")->streams().at(0).layout, "classes");
  write("set/lost.jpg", "no class");
  DataConfig classes;
  classes.layout = "classes";
  expect_refused("set", ErrorCode::kInput, {"set", "lost.jpg lies in no class folder"}, classes);
  expect_refused("set", ErrorCode::kInput, {"cannot tell its layout", "pictures at its top"});
}

TEST_F(LayoutTest, FoldersOfSplitsSplit) {
  write("set/train/cat/1.jpg", "1");
  write("set/train/dog/2.jpg", "2");
  write("set/validation/cat/3.jpg", "3");
  const auto data = open("set");
  EXPECT_EQ(data->splits(), (Strings{"train", "val"}));
  EXPECT_EQ(data->rows("val"), std::vector<int64_t>{2});
  EXPECT_EQ(data->column(2, "label"), Strings{"cat"});
  DataConfig files;
  files.files = {{"train", {"set/train"}}, {"test", {"set/validation"}}};
  const auto named = open_dataset(files, {image_field("image")}, folder_);
  EXPECT_EQ(named->rows("test").size(), 1u);
  EXPECT_EQ(bytes_of(named->values(0, 0, 0).at(0)), "3");
  DataConfig hash;
  hash.hash = {{"train", 1}};
  EXPECT_EQ(open("set", hash)->splits(), Strings{"train"});  // what the recipe says goes first
}

TEST_F(LayoutTest, FoldersDoNotLeadOutside) {
  write("secret/1.jpg", "secret");
  write("set/cat/1.jpg", "1");
  fs::create_symlink("../../secret/1.jpg", folder_ / "set/cat/2.jpg");
  const auto data = open("set");
  expect_error(ErrorCode::kInput, {"set/cat/2.jpg", "outside"}, [&] { data->values(1, 0, 0); });
  fs::create_directory_symlink(folder_ / "secret", folder_ / "set/dog");
  expect_refused("set", ErrorCode::kInput, {"set/dog", "a folder that is a link"});
}

const char* kCoco = R"({"info": {"year": 2014}, "annotations": [
  {"image_id": 7, "id": 1, "caption": "a cat"}, {"image_id": 3, "id": 2, "caption": "a dog "},
  {"image_id": 7, "id": 3, "caption": "一只猫"}],
  "images": [{"id": 3, "file_name": "3.jpg", "height": 4}, {"file_name": "7.jpg", "id": 7}]})";

TEST_F(LayoutTest, ReadsCocoCaptions) {
  write("annotations/captions.json", kCoco);
  write("images/7.jpg", "seven");
  DataConfig config;
  config.root = "images";
  const auto data = open("annotations/captions.json", config);
  EXPECT_EQ(row_texts(*data),
            (Strings{R"({"image":"3.jpg","id":3,"file_name":"3.jpg","height":4,"text":["a dog "]})",
                     R"({"image":"7.jpg","file_name":"7.jpg","id":7,"text":["a cat","一只猫"]})"}));
  EXPECT_EQ(data->where(1), "captions.json#7");
  EXPECT_EQ(bytes_of(data->values(1, 0, 0).at(0)), "seven");
  EXPECT_EQ(data->streams().at(0).layout, "coco");
  config.root = "nowhere";
  expect_refused("annotations/captions.json", ErrorCode::kNotFound, {"nowhere"}, config);
}

TEST_F(LayoutTest, RefusesCocoThatDoesNotFitTogether) {
  const auto coco = [&](const std::string& images, const std::string& annotations) {
    write("c.json", "{\"images\": [" + images + "], \"annotations\": [" + annotations + "]}");
  };
  const std::string one = R"({"id": 1, "file_name": "1.jpg"})";
  coco(one, R"({"image_id": 1, "caption": "x"}, {"image_id": 2, "caption": "y"})");
  expect_refused("c.json", ErrorCode::kInput, {"annotation 2", "image id 2", "does not have"});
  coco(one + "," + one, "");
  expect_refused("c.json", ErrorCode::kInput, {"image id 1 stands twice"});
  coco(one, "");
  expect_refused("c.json", ErrorCode::kInput, {"image 1 has no caption", "keep_unpaired"});
  coco(one, R"({"image_id": 1, "bbox": [1, 2, 3, 4]})");
  expect_refused("c.json", ErrorCode::kInput, {"has no 'caption'", "boxes"});
  coco(R"({"file_name": "1.jpg"})", "");
  expect_refused("c.json", ErrorCode::kInput, {"image 1 has no 'id'"});
  coco(R"({"id": 1, "file_name": ["x"]})", "");
  expect_refused("c.json", ErrorCode::kInput, {"image 1", "'file_name'", "array"});
  coco(R"({"id": 1, "file_name": "../1.jpg"})", R"({"image_id": 1, "caption": "x"})");
  expect_error(ErrorCode::kInput, {"c.json#1", "outside"},
               [&] { open("c.json")->values(0, 0, 0); });
  write("c.json", R"({"images": [{"id": 1)");
  expect_refused("c.json", ErrorCode::kInput, {"c.json", "not valid JSON"});
  write("c.json", R"({"images": [{"a":)" + std::string(5000, '[') + "]}");
  expect_refused("c.json", ErrorCode::kLimit, {"c.json", "nested deeper"});
}

TEST_F(LayoutTest, ReadsKarpathySplits) {
  write("dataset.json",
        R"({"dataset": "coco", "images": [
  {"filename": "1.jpg", "filepath": "val2014", "split": "restval", "cocoid": 5,
   "sentences": [{"raw": "a dog", "tokens": ["a", "dog"]}, {"raw": "a hound", "tokens": []}]},
  {"filename": "2.jpg", "filepath": "val2014", "split": "test", "cocoid": 6,
   "sentences": [{"raw": "a cat", "tokens": ["a", "cat"]}]}]})");
  const auto data = open("dataset.json");
  EXPECT_EQ(row_texts(*data),
            (Strings{R"({"image":"val2014/1.jpg","text":["a dog","a hound"],"split":"train",)"
                     R"("filename":"1.jpg","filepath":"val2014","cocoid":5})",
                     R"({"image":"val2014/2.jpg","text":["a cat"],"split":"test",)"
                     R"("filename":"2.jpg","filepath":"val2014","cocoid":6})"}));
  EXPECT_EQ(data->splits(), (Strings{"train", "test"}));
  const auto refuse = [&](const std::string& image, const Strings& parts) {
    write("dataset.json", "{\"images\": [" + image + "]}");
    DataConfig config;
    config.layout = "karpathy";
    expect_refused("dataset.json", ErrorCode::kInput, parts, config);
  };
  refuse(R"({"split": "train", "sentences": []})", {"image 1 has no 'filename'"});
  refuse(R"({"filename": "1.jpg", "sentences": []})", {"1.jpg", "no 'split'"});
  refuse(R"({"filename": "1.jpg", "split": "x", "sentences": []})", {"1.jpg", "no sentences"});
  refuse(R"({"filename": "1.jpg", "split": "x", "sentences": [{"tokens": []}]})",
         {"1.jpg", "without 'raw'"});
}

TEST_F(LayoutTest, IsFoundFromWhatIsThereAndSaidWhereItIsNot) {
  const auto layout_of = [&](const std::string& name) {
    return find_sources(name, folder_, "auto").at(0).layout;
  };
  write("one/metadata.csv", "image,text\n1.jpg,a\n");
  write("one/1.jpg", "x");
  EXPECT_EQ(layout_of("one"), "manifest");  // one manifest beside its pictures
  write("rows.json", "{\"a\": 1}\n{\"a\": 2}\n");
  EXPECT_EQ(layout_of("rows.json"), "manifest");
  write("two/a.jsonl", "{}\n");
  write("two/b.jsonl", "{}\n");
  expect_error(ErrorCode::kInput, {"2 manifests", "a.jsonl", "data.files"},
               [&] { layout_of("two"); });
  fs::create_directories(folder_ / "empty");
  expect_error(ErrorCode::kInput, {"empty", "no pictures"}, [&] { layout_of("empty"); });
  expect_error(ErrorCode::kNotFound, {"gone"}, [&] { layout_of("gone"); });
  write("x.parquet", "PAR1");
  expect_error(ErrorCode::kInput, {"x.parquet", "JSONL", "read_parquet"},
               [&] { layout_of("x.parquet"); });
  expect_error(ErrorCode::kInput, {"classes needs a folder"},
               [&] { find_sources("rows.json", folder_, "classes"); });
  DataConfig config;
  config.layout = "shard";
  expect_refused("one", ErrorCode::kConfig, {"no layout 'shard'", "did you mean 'shards'"}, config);
}

TEST_F(LayoutTest, ANameMayHoldBraces) {
  write("a{1}.csv", "image,text\n1.jpg,x\n");
  EXPECT_EQ(open("a{1}.csv")->size(), 1);
}

}  // namespace
}  // namespace braid::data_test
