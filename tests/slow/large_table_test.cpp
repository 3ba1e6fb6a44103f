// A manifest larger than the memory that its table may take. BRAID_LARGE_ROWS=5500000 makes it one
// of 2.5 GB; by default it has a twentieth of that.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "braid/core/machine.h"
#include "braid/core/rng.h"
#include "braid/data/dataset.h"

namespace braid::test {
namespace {

namespace fs = std::filesystem;

std::string caption(int64_t row, int64_t number) {
  Rng rng(static_cast<uint64_t>(row * 8 + number));
  std::string text;
  while (text.size() < 72) {
    for (int64_t length = 2 + rng.below(8); length > 0; --length)
      text += static_cast<char>('a' + rng.below(26));
    text += ' ';
  }
  return text;
}

TEST(LargeTable, TakesFewBytesARow) {
  const char* wanted = std::getenv("BRAID_LARGE_ROWS");
  const int64_t rows = wanted ? std::atoll(wanted) : 275'000;
  std::string folder = testing::TempDir() + "braid_large_XXXXXX";
  ASSERT_TRUE(::mkdtemp(folder.data()));
  {
    std::ofstream out(fs::path(folder) / "all.jsonl");
    for (int64_t row = 0; row < rows; ++row) {
      out << R"({"id": "k)" << row << R"(", "image": "photos/)" << row << R"(.jpg", "captions": [)";
      for (int64_t i = 0; i < 5; ++i) out << (i ? ", \"" : "\"") << caption(row, i) << '"';
      out << R"(], "split": ")" << (row % 50 ? "train" : "val") << "\"}\n";
    }
  }
  const auto file_mb =
      static_cast<double>(fs::file_size(fs::path(folder) / "all.jsonl")) / (1 << 20);
  DataConfig config;
  config.manifest = {"all.jsonl"};
  config.key = "id";
  config.split_column = "split";
  config.table_mb = 8;
  const auto before_mb = static_cast<double>(peak_memory_mb());
  const auto data = open_dataset(config, {{"text", "text", {{"", {"captions"}}}}}, folder);
  ASSERT_EQ(data->size(), rows);
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    const int64_t row = rng.below(rows);
    const auto values = data->values(row, 0, 0);
    ASSERT_EQ(values.size(), 5u);
    EXPECT_EQ(values[3].text, caption(row, 3));
    EXPECT_EQ(data->key(row), "k" + std::to_string(row));
    EXPECT_EQ(data->where(row), "all.jsonl:" + std::to_string(row + 1));
  }
  const auto taken_mb = static_cast<double>(peak_memory_mb()) - before_mb;
  fs::remove_all(folder);
  std::printf("%lld rows, %.0f MiB: %.0f MiB of memory\n", static_cast<long long>(rows), file_mb,
              taken_mb);
  // 32 bytes a row while keys are compared, the table's 8 MiB, and pages of the file.
  EXPECT_LT(taken_mb, 32.0 * static_cast<double>(rows) / (1 << 20) + 8 + 24);
}

}  // namespace
}  // namespace braid::test
