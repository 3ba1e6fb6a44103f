// Against HF `tokenizers`; the numbers come from tests/golden/bpe.py.
#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/tokenizer/bpe.h"
#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/words.h"

namespace braid {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(BRAID_SOURCE_DIR) / "tests/golden";

std::filesystem::path data_folder() {
  const char* folder = std::getenv("BRAID_DATA");
  return folder ? std::filesystem::path(folder)
                : std::filesystem::path(BRAID_SOURCE_DIR) / "../shared/data";
}

std::string gunzip(const std::filesystem::path& path) {
  std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(),
                                                                archive_read_free);
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  EXPECT_EQ(archive_read_open_filename(reader.get(), path.c_str(), 1 << 16), ARCHIVE_OK);
  EXPECT_EQ(archive_read_next_header(reader.get(), &entry), ARCHIVE_OK);
  std::string out(size_t{1} << 23, '\0');
  const auto size = archive_read_data(reader.get(), out.data(), out.size());
  EXPECT_GT(size, 0);
  out.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return out;
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
    write_atomic(kGolden / "bpe_tokenizer.json", tokenizer->to_json());
  }
  EXPECT_EQ(tokenizer->to_json(), read_text(kGolden / "bpe_tokenizer.json"));
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
  const auto tokenizer = make_bpe(read_tokenizer_json(gunzip(path), "gpt2"));
  EXPECT_EQ(tokenizer->vocabulary(), 50257);
  EXPECT_EQ(tokenizer->eos_id(), 50256);
  EXPECT_EQ(tokenizer->mask_id(), -1);
  expect_equal(*tokenizer, "gpt2_ids.json");
}

}  // namespace
}  // namespace braid
