#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/tokenizer/text_changes.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<int64_t>;

class NativeFiles : public testing::Test {
 protected:
  NativeFiles()
      : folder_(fs::path(testing::TempDir()) /
                (std::string("braid_native_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~NativeFiles() override { fs::remove_all(folder_); }

  fs::path put(const std::string& name, std::string_view text) const {
    write_atomic(folder_ / name, text);
    return folder_ / name;
  }
  std::string error(const fs::path& path, ErrorCode code = ErrorCode::kInput) const {
    try {
      load_tokenizer(path);
    } catch (const Error& problem) {
      EXPECT_EQ(problem.code(), code) << problem.what();
      return problem.what();
    }
    return "no error";
  }

  fs::path folder_;
};

constexpr const char* kBert = "[PAD]\r\n[UNK]\n[CLS]\n[SEP]\n狗\ncafe\n##s\nA\n\nCafé\n";

TEST_F(NativeFiles, VocabTxtIsBert) {
  const auto path = put("vocab.txt", kBert);
  const auto lower = load_tokenizer(path);
  EXPECT_EQ(lower->vocabulary(), 10);
  EXPECT_EQ(lower->encode("CAFÉs 狗狗!"), (Ids{5, 6, 4, 4, 1}));
  EXPECT_EQ(lower->frame().prefix, Ids{2});
  EXPECT_EQ(lower->frame().suffix, Ids{3});
  EXPECT_EQ(lower->special_ids().pad, 0);
  EXPECT_EQ(lower->special_ids().mask, -1);
  EXPECT_EQ(lower->encode("[SEP]"), (Ids{1, 1, 1}));  // text, as in BERT's own code
  EXPECT_EQ(lower->decode({2, 5, 6, 4, 3}), "cafes 狗");
  EXPECT_EQ(load_tokenizer(path, false)->encode("A Café cafe"), (Ids{7, 9, 5}));
}

TEST_F(NativeFiles, TokenizerConfigDecidesOverLowercase) {
  const auto path = put("vocab.txt", kBert);
  put("tokenizer_config.json", "{\"do_lower_case\": false}");
  EXPECT_EQ(load_tokenizer(folder_)->encode("A"), Ids{7});
  put("tokenizer_config.json", "{\"do_lower_case\": 1}");
  EXPECT_NE(error(path).find("do_lower_case: expected true or false"), std::string::npos);
}

TEST_F(NativeFiles, OfRepeatedLinesTheLastCounts) {
  const auto path = put("vocab.txt", "[UNK]\na\nb\na\n");
  const auto tokenizer = load_tokenizer(path);
  EXPECT_EQ(tokenizer->encode("a b"), (Ids{3, 2}));
  EXPECT_EQ(tokenizer->vocabulary(), 4);
}

TEST_F(NativeFiles, FoldersOfVocabAndMerges) {
  put("vocab.json", "{\"a\": 0, \"b\": 1, \"ab\": 2, \"<|endoftext|>\": 3, \"\u0120\": 4}");
  put("merges.txt", "#version: 0.2\na b\n");
  for (const char* name : {"", "vocab.json", "merges.txt"}) {
    const auto gpt2 = load_tokenizer(folder_ / name);
    EXPECT_EQ(gpt2->encode("ab ba<|endoftext|>"), (Ids{2, 4, 1, 0, 3}));
    EXPECT_EQ(gpt2->frame().suffix, Ids{3});
    EXPECT_EQ(gpt2->decode({2, 4, 0}), "ab a");
  }
  put("vocab.json", "{\"a\": 0, \"<s>\": 1, \"</s>\": 2}");
  put("merges.txt", "");
  EXPECT_EQ(load_tokenizer(folder_)->frame().prefix, Ids{1});
}

TEST_F(NativeFiles, ClipFolder) {
  put("vocab.json",
      "{\"a\": 0, \"a</w>\": 1, \"aa</w>\": 2, \"<|startoftext|>\": 3, \"<|endoftext|>\": 4}");
  put("merges.txt", "#version: 0.2\na a</w>\n");
  const auto clip = load_tokenizer(folder_);
  EXPECT_EQ(clip->encode("  AA a "), (Ids{2, 1}));
  EXPECT_EQ(framed(clip->encode("aa a a"), clip->frame(), 4), (Ids{3, 2, 1, 4}));
  EXPECT_EQ(clip->decode({3, 2, 1, 4}), "aa a");
  put("vocab.json", "{\"a</w>\": 0}");
  EXPECT_NE(error(folder_).find("only CLIP's kind"), std::string::npos);
}

TEST_F(NativeFiles, SaysWhatIsWrongWithAFile) {
  EXPECT_NE(error(folder_, ErrorCode::kNotFound).find("expected one of tokenizer.json, tokenizer"),
            std::string::npos);
  error(folder_ / "absent.json", ErrorCode::kNotFound);
  EXPECT_NE(error(put("a.txt", " \n")).find("is empty"), std::string::npos);
  EXPECT_NE(error(put("b.txt", "\xff\xfe")).find("is not UTF-8"), std::string::npos);
  EXPECT_NE(error(put("c.txt", "a\nb\n")).find("'[UNK]' is not in model.vocab"), std::string::npos);
  EXPECT_NE(error(put("d.json", "{\"a\": 0}")).find("needs its merges.txt"), std::string::npos);
  EXPECT_NE(error(put("e.txt", "#version: 0.2\na b\n")).find("expected vocab.json beside"),
            std::string::npos);
  EXPECT_NE(error(put("f.json.gz", "\x1f\x8b broken")).find("a damaged gzip file"),
            std::string::npos);
  EXPECT_NE(error(put("g.model", "broken")).find("not a SentencePiece model"), std::string::npos);
}

// Worked with Python's html.unescape.
TEST(Entities, AreReadAsPythonReadsThem) {
  EXPECT_EQ(without_entities("&lt;b&gt; &amp;amp; &#65;&#x42; &copy 2 &notit; &hearts;"),
            "<b> &amp; AB © 2 ¬it; ♥");
  EXPECT_EQ(without_entities("&#128; &#0; &#xD800; &#x110000; &#1;|"), "€ \uFFFD \uFFFD \uFFFD |");
  EXPECT_EQ(without_entities("&; & &# &#x; &hearts &nonsense; &"),
            "&; & &# &#x; &hearts &nonsense; &");
}

TEST(Framed, CutsTheTextAndKeepsTheEnds) {
  const TokenFrame frame{{1}, {2, 3}};
  EXPECT_EQ(framed({7, 8, 9}, frame, SIZE_MAX), (Ids{1, 7, 8, 9, 2, 3}));
  EXPECT_EQ(framed({7, 8, 9}, frame, 5), (Ids{1, 7, 8, 2, 3}));
  EXPECT_EQ(framed({}, frame, 4), (Ids{1, 2, 3}));
  EXPECT_THROW(framed({7}, frame, 3), Error);
}

}  // namespace
}  // namespace braid
