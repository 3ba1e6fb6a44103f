// Against HF `tokenizers`; the numbers come from tests/golden/bpe.py.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/tokenizer.h"
#include "braid/tokenizer/words.h"

namespace braid {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(BRAID_SOURCE_DIR) / "tests/golden";

std::filesystem::path data_folder() {
  const char* folder = std::getenv("BRAID_DATA");
  return folder ? std::filesystem::path(folder)
                : std::filesystem::path(BRAID_SOURCE_DIR) / "../shared/data";
}

void expect_equal(const Tokenizer& tokenizer, const std::string& golden) {
  const auto rows = nlohmann::json::parse(read_text(kGolden / golden));
  ASSERT_GE(rows.size(), 50u);
  for (const auto& row : rows) {
    const auto text = row["text"].get<std::string>();
    const auto ids = tokenizer.encode(text);
    EXPECT_EQ(ids, row["ids"].get<std::vector<int64_t>>()) << text;
    EXPECT_EQ(tokenizer.decode(ids), row["decoded"].get<std::string>());
  }
}

TEST(BpeGolden, TheCorpusGivesTheCommittedTokenizer) {
  const auto lines = split(read_text(kGolden / "bpe_corpus.txt"), '\n');
  const auto tokenizer = train_bpe(
      [&](const TextVisitor& visit) {
        for (const auto& line : lines) visit(line);
      },
      {600, true, 2});
  if (std::getenv("BRAID_UPDATE_GOLDEN")) {
    write_atomic(kGolden / "bpe_tokenizer.json", tokenizer->file().bytes);
  }
  EXPECT_EQ(tokenizer->file().bytes, read_text(kGolden / "bpe_tokenizer.json"));
}

TEST(BpeGolden, EncodesOurFileAsHfDoes) {
  expect_equal(*load_tokenizer(kGolden / "bpe_tokenizer.json"), "bpe_ids.json");
}

TEST(BpeGolden, CutsWordsAsHfDoes) {
  for (const auto& row : nlohmann::json::parse(read_text(kGolden / "bpe_ids.json"))) {
    std::vector<std::string> words;
    const auto text = row["text"].get<std::string>();
    scan_words(text, [&](std::string_view word) { words.push_back(to_letters(word)); });
    EXPECT_EQ(words, row["words"].get<std::vector<std::string>>()) << text;
  }
}

TEST(BpeGolden, EncodesGpt2sFileAsHfDoes) {
  const auto path = data_folder() / "tokenizers/gpt2_tokenizer.json.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  const auto tokenizer = load_tokenizer(path);
  EXPECT_EQ(tokenizer->vocabulary(), 50257);
  EXPECT_EQ(tokenizer->special_ids().eos, 50256);
  EXPECT_EQ(tokenizer->special_ids().mask, -1);
  expect_equal(*tokenizer, "gpt2_ids.json");
}

}  // namespace
}  // namespace braid
