// Against the outputs of the vocabularies' owners: CLIP's simple_tokenizer, BERT's tokenization.py
// and SentencePiece, in the shared data (golden_shared.jsonl).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "braid/tokenizer/tokenizer.h"

namespace braid {
namespace {

using Ids = std::vector<int64_t>;

std::filesystem::path shared_tokenizers() {
  const char* folder = std::getenv("BRAID_DATA");
  return (folder ? std::filesystem::path(folder)
                 : std::filesystem::path(BRAID_SOURCE_DIR) / "../shared/data") /
         "tokenizers";
}

class SharedGolden : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream lines(shared_tokenizers() / "golden_shared.jsonl");
    if (!lines) GTEST_SKIP() << shared_tokenizers() << " is absent";
    for (std::string line; std::getline(lines, line);) {
      rows_.push_back(nlohmann::json::parse(line));
    }
    ASSERT_EQ(rows_.size(), 88u);
  }

  static std::unique_ptr<Tokenizer> load(const std::string& name, bool lowercase = true) {
    return load_tokenizer(shared_tokenizers() / name, lowercase);
  }

  // The column's ids; and its tokens, where it has them.
  void expect_column(const Tokenizer& tokenizer, const std::string& column) const {
    for (const auto& row : rows_) {
      const auto text = row["text"].get<std::string>();
      const auto& cell = row[column];
      const Ids ids = tokenizer.encode(text);
      EXPECT_EQ(ids, (cell.is_array() ? cell : cell["ids"]).get<Ids>()) << text;
      if (cell.is_array() || !cell.contains("tokens")) continue;
      for (size_t i = 0; i < ids.size(); ++i) {
        EXPECT_EQ(tokenizer.token(ids[i]), cell["tokens"][i].get<std::string>()) << text;
      }
    }
  }

  std::vector<nlohmann::json> rows_;
};

TEST_F(SharedGolden, ClipEncodesAsItsOwnersCode) {
  const auto clip = load("clip_bpe_simple_vocab_16e6.txt.gz");
  EXPECT_EQ(clip->vocabulary(), 49408);
  EXPECT_EQ(clip->frame().prefix, Ids{49406});
  EXPECT_EQ(clip->frame().suffix, Ids{49407});
  expect_column(*clip, "clip_ids");
  EXPECT_EQ(clip->decode(framed(clip->encode("A dog,  RUNNING!"), clip->frame(), 77)),
            "a dog , running !");
}

TEST_F(SharedGolden, BertEncodesEnglishAsItsOwnersCode) {
  const auto bert = load("bert_base_uncased_vocab.txt");
  EXPECT_EQ(bert->vocabulary(), 30522);
  EXPECT_EQ(bert->frame().prefix, Ids{101});
  EXPECT_EQ(bert->frame().suffix, Ids{102});
  EXPECT_EQ(bert->special_ids().mask, 103);
  expect_column(*bert, "bert_base_uncased");
}

TEST_F(SharedGolden, BertEncodesChineseAsItsOwnersCode) {
  const auto bert = load("bert_base_chinese_vocab.txt", false);
  EXPECT_EQ(bert->vocabulary(), 21128);
  expect_column(*bert, "bert_base_chinese_cased");
  EXPECT_EQ(bert->decode(bert->encode("一只狗。")), "一 只 狗 。");
}

TEST_F(SharedGolden, SentencePieceEncodesAsItsLibrary) {
  expect_column(*load("sentencepiece_en.model"), "sentencepiece_en");
  expect_column(*load("sentencepiece_ja.model"), "sentencepiece_ja_ids");
}

// What a run keeps must encode as what it was made from.
TEST_F(SharedGolden, StoredFilesEncodeTheSame) {
  for (const char* name : {"clip_bpe_simple_vocab_16e6.txt.gz", "bert_base_uncased_vocab.txt",
                           "sentencepiece_en.model"}) {
    const auto given = load(name);
    const auto [suffix, bytes] = given->file();
    const auto stored = suffix == ".model" ? read_sentencepiece(bytes, "stored")
                                           : read_tokenizer_json(bytes, "stored");
    EXPECT_EQ(stored->frame().suffix, given->frame().suffix);
    for (const auto& row : rows_) {
      const auto text = row["text"].get<std::string>();
      ASSERT_EQ(stored->encode(text), given->encode(text)) << name << ": " << text;
    }
  }
}

}  // namespace
}  // namespace braid
