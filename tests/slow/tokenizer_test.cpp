// braid tokenizer train, encode and info as a user calls them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "braid/core/file.h"
#include "shell.h"

namespace braid::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

class TokenizerVerb : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    make_folder(folder_);
    write_atomic(folder_ / "texts.txt",
                 std::string_view("\xef\xbb\xbf一只狗在海边跑。\r\na red apple\na red dog\n"));
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Ran braid(const std::string& arguments) {
    return run(quoted(BRAID_PROGRAM) + " tokenizer " + arguments);
  }
  std::string at(const std::string& name) const { return quoted((folder_ / name).string()); }

  fs::path folder_ = fs::path(testing::TempDir()) / "braid tokenizer's test";
};

TEST_F(TokenizerVerb, TrainsEncodesAndTells) {
  const auto trained =
      braid("train " + at("texts.txt") + " -o " + at("t.json") + " --vocabulary 300");
  EXPECT_EQ(trained.status, 0) << trained.output;
  EXPECT_THAT(trained.output, HasSubstr("tokens from 3 lines"));
  const auto shown = braid("encode " + at("t.json") + " 'A RED 狗' ''");
  EXPECT_EQ(shown.status, 0) << shown.output;
  EXPECT_THAT(shown.output, StartsWith("a ▁red ▁ <E7> <8B> <97>\n"));
  const auto ends = braid("encode " + at("t.json") + " 'a red dog' --max-tokens 2 --json");
  const auto row = nlohmann::json::parse(ends.output);
  EXPECT_EQ(row["ids"], (nlohmann::json{101, 3}));
  EXPECT_EQ(row["decoded"], "a");
  const auto info = braid("info " + at("t.json") + " --json");
  const auto facts = nlohmann::json::parse(info.output);
  EXPECT_EQ(facts["tokens"]["end"]["token"], "<eos>");
  EXPECT_EQ(facts["around"], "... <eos>");
  EXPECT_EQ(braid("info " + at("t.json")).status, 0);
}

TEST_F(TokenizerVerb, EncodesAFileLineByLine) {
  write_atomic(folder_ / "vocab.txt", std::string_view("[UNK]\n[CLS]\n[SEP]\na\nred\n狗\n一\n"));
  const auto ran = braid("encode " + at("vocab.txt") + " --ends --file " + at("texts.txt"));
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, StartsWith("[CLS] 一 [UNK] 狗 [UNK] [UNK] [UNK] [UNK] [UNK] [SEP]\n"));
  EXPECT_THAT(ran.output, HasSubstr("\n[CLS] a red [UNK] [SEP]\n1 3 4 0 2\n"));
}

TEST_F(TokenizerVerb, SaysWhatIsWrong) {
  write_atomic(folder_ / "latin1.txt", std::string_view("fine\ncaf\xe9\n"));
  write_atomic(folder_ / "empty.txt", std::string_view(""));
  struct Case {
    std::string arguments;
    int status;
    std::string says;
  };
  for (const Case& one : std::vector<Case>{
           {"", 2, "subcommand is required"},
           {"train -o x.json", 2, "files is required"},
           {"train " + at("texts.txt"), 2, "--out is required"},
           {"train " + at("texts.txt") + " -o " + at("t.json") + " --vocabulary 10", 2, "300"},
           {"train " + at("absent") + " -o " + at("t.json"), 4, "absent: no such file"},
           {"train " + quoted(folder_) + " -o " + at("t.json"), 4, "cannot be read"},
           {"train " + at("texts.txt") + " -o " + at("no/t.json"), 4, "no such folder"},
           {"train " + at("texts.txt") + " -o " + quoted(folder_), 4, "is a folder"},
           {"train " + at("latin1.txt") + " -o " + at("t.json"), 3, "latin1.txt:2: not UTF-8"},
           {"train " + at("empty.txt") + " -o " + at("t.json"), 3, "no text to train"},
           {"encode " + at("absent") + " x", 4, "absent"},
           {"encode " + at("texts.txt"), 2, "expected texts or --file"},
           {"encode " + at("empty.txt") + " x", 3, "is empty"},
           {"info " + quoted(folder_), 4, "no tokenizer in this folder"},
       }) {
    const auto ran = braid(one.arguments);
    EXPECT_EQ(ran.status, one.status) << one.arguments << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr(one.says)) << one.arguments;
    EXPECT_THAT(ran.output, StartsWith("braid: ")) << one.arguments;
  }
}

}  // namespace
}  // namespace braid::test
