#include "braid/data/caption_rows.h"

#include "data_test.h"

namespace braid::data_test {
namespace {

using Strings = std::vector<std::string>;

class CaptionRowsTest : public DataTest {
 protected:
  CaptionFiles files(const std::string& answers, const std::string& references) {
    write("answers.jsonl", answers);
    write("refs.jsonl", references);
    CaptionFiles files;
    files.answers = (folder_ / "answers.jsonl").string();
    files.references = (folder_ / "refs.jsonl").string();
    return files;
  }
  void expect_refused(const std::string& answers, const std::string& references,
                      const Strings& parts) {
    const auto given = files(answers, references);
    expect_error(ErrorCode::kInput, parts, [&] { read_captions(given); });
  }
};

constexpr const char* kOneAnswer = R"({"key": "a", "caption": "a dog"})"
                                   "\n";
constexpr const char* kOneReference = R"({"key": "a", "captions": ["one dog", "dogs"]})"
                                      "\n";

TEST_F(CaptionRowsTest, JoinsByKeyInTheOrderOfTheReferences) {
  const auto rows = read_captions(files("{\"key\": 2, \"caption\": \"two\"}\n"
                                        "{\"key\": 1, \"caption\": \"\"}\n",
                                        "{\"key\": 1, \"captions\": [\"x\", \"y\"]}\n"
                                        "{\"key\": 2, \"captions\": \"z\"}\n"));
  EXPECT_EQ(rows.keys, (Strings{"1", "2"}));
  EXPECT_EQ(rows.captions.candidates, (Strings{"", "two"}));
  EXPECT_EQ(rows.captions.references, (std::vector<Strings>{{"x", "y"}, {"z"}}));
  EXPECT_EQ(rows.empty, 1);
}

TEST_F(CaptionRowsTest, ReadsBothFromOneTable) {
  auto given = files("id,said,truth\n7,a dog,one dog\n", "");
  fs::rename(folder_ / "answers.jsonl", folder_ / "both.csv");
  given = {(folder_ / "both.csv").string(), "", "id", "said", "truth"};
  const auto rows = read_captions(given);
  EXPECT_EQ(rows.keys, Strings{"7"});
  EXPECT_EQ(rows.captions.candidates, Strings{"a dog"});
  EXPECT_EQ(rows.captions.references, std::vector<Strings>{{"one dog"}});
}

TEST_F(CaptionRowsTest, RefusesWhatDoesNotFit) {
  expect_refused(R"({"key": "a", "captoin": "x"})", kOneReference,
                 {"answers.jsonl:1", "no column 'caption'", "did you mean 'captoin'", "--answer"});
  expect_refused(R"({"name": "a", "caption": "x"})", kOneReference, {"no column 'key'", "--key"});
  expect_refused(R"({"key": null, "caption": "x"})", kOneReference, {"expected one key, got none"});
  expect_refused(R"({"key": "a", "caption": ["x", "y"]})", kOneReference,
                 {"answers.jsonl:1", "expected one answer, got 2"});
  expect_refused(R"({"key": "a", "caption": {"x": 1}})", kOneReference, {"expected text or a list"});
  expect_refused(kOneAnswer, R"({"key": "a", "captions": []})", {"refs.jsonl:1", "no reference"});
  expect_refused(std::string(kOneAnswer) + kOneAnswer, kOneReference,
                 {"answers.jsonl:2", "key 'a' again", "answers.jsonl:1"});
  expect_refused(kOneAnswer, std::string(kOneReference) + kOneReference,
                 {"refs.jsonl:2", "key 'a' again"});
  expect_refused("{\"key\": \"a\", \"caption\": \"\xff\"}\n", kOneReference,
                 {"answers.jsonl:1", "UTF-8"});
  expect_refused("", kOneReference, {"answers.jsonl"});
}

TEST_F(CaptionRowsTest, NamesKeysThatOneSideAloneHas) {
  const std::string more = R"({"key": "b", "captions": "x"})"
                           "\n";
  expect_refused(kOneAnswer, kOneReference + more,
                 {"answers.jsonl: no answer for 1 key of", "refs.jsonl: b"});
  expect_refused(std::string(kOneAnswer) + R"({"key": "c", "caption": "x"})", kOneReference,
                 {"refs.jsonl: no references for 1 key of", "answers.jsonl: c"});
}

}  // namespace
}  // namespace braid::data_test
