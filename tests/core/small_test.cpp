// Text helpers, arrays, progress, parallel loops, machine facts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <limits>

#include "braid/core/array.h"
#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/core/parallel.h"
#include "braid/core/progress.h"
#include "braid/core/text.h"

namespace braid {
namespace {

TEST(Text, PrintableEscapesWhatMovesATerminal) {
  EXPECT_EQ(printable("plain, 红苹果\nline"), "plain, 红苹果\nline");
  EXPECT_EQ(printable("\x1b[2J\ta\x7f\r"), "\\x1b[2J\\x09a\\x7f\\x0d");
  EXPECT_EQ(printable("caf\xe9 \xe7\x8c"), "caf\\xe9 \\xe7\\x8c");
  EXPECT_EQ(printable("\xc2\x9b"
                      "c\xc3\xa9"),
            "\\xc2\\x9b"
            "cé");  // U+009B begins commands too
  EXPECT_TRUE(valid_utf8("é\U0001F34E"));
  EXPECT_FALSE(valid_utf8("\xed\xa0\x80"));  // a surrogate
}

TEST(Text, CountsEditsWithSwapsAsOne) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("widht", "width"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(Text, ProposesOnlyWhatIsNear) {
  const std::vector<std::string> words = {"epochs", "batch"};
  EXPECT_EQ(nearest("epoch", words), "epochs");
  EXPECT_EQ(nearest("zzzz", words), "");
}

TEST(Text, TellsUtf8FromOtherBytes) {
  EXPECT_TRUE(valid_utf8("红苹果🍎"));
  EXPECT_FALSE(valid_utf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(valid_utf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(valid_utf8("\xf4\x90\x80\x80"));  // beyond Unicode
  EXPECT_FALSE(valid_utf8("\xe4\xb8"));          // cut
}

TEST(Array, IsZeroFilledAndSharesItsBytes) {
  Array a(DType::kF32, {2, 3});
  for (float x : a.values<float>()) EXPECT_EQ(x, 0.0f);
  const Array b = a;
  a.mutable_values<float>()[4] = 7;
  EXPECT_EQ(b.values<float>()[4], 7.0f);
}

TEST(Array, RefusesImpossibleSizesAndOtherTypes) {
  EXPECT_THROW(Array(DType::kF32, {-1}), Error);
  EXPECT_THROW(Array(DType::kF32, {int64_t{1} << 40, int64_t{1} << 40}), Error);
  EXPECT_THROW(Array(DType::kF32, {int64_t{1} << 50}), Error);
  EXPECT_THROW(Array(DType::kF32, {2}).values<int64_t>(), Error);
}

TEST(Meter, ReportsTheEndWithEverythingDone) {
  std::vector<Progress> seen;
  Meter meter([&](const Progress& p) { seen.push_back(p); }, "train", "step", 10, 4);
  for (int i = 0; i < 6; ++i) meter.advance(1);
  meter.finish("done");
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().done, 10);
  EXPECT_TRUE(seen.back().finished);
  EXPECT_EQ(seen.back().note, "done");
}

TEST(ParallelFor, VisitsEveryItemOnce) {
  std::vector<std::atomic<int>> seen(1000);
  parallel_for(1000, 4, [&](int64_t i) { seen[static_cast<size_t>(i)]++; });
  for (const auto& count : seen) EXPECT_EQ(count, 1);
}

TEST(ParallelFor, HandsOnTheFirstException) {
  EXPECT_THROW(parallel_for(100, 4,
                            [](int64_t i) {
                              if (i == 50) throw Error(ErrorCode::kInput, "fifty");
                            }),
               Error);
}

TEST(Machine, TakesTheThreadCountFromTheEnvironment) {
  setenv("BRAID_THREADS", "3", 1);
  EXPECT_EQ(this_machine().threads, 3);
  setenv("BRAID_THREADS", "many", 1);
  EXPECT_THROW(this_machine(), Error);
  unsetenv("BRAID_THREADS");
  EXPECT_GE(this_machine().threads, 1);
}

TEST(ErrorCodes, GiveTheDocumentedExitStatus) {
  EXPECT_EQ(exit_status(ErrorCode::kConfig), 2);
  EXPECT_EQ(exit_status(ErrorCode::kInput), 3);
  EXPECT_EQ(exit_status(ErrorCode::kNotFound), 4);
  EXPECT_EQ(exit_status(ErrorCode::kState), 5);
  EXPECT_EQ(exit_status(ErrorCode::kInterrupted), 130);
}

}  // namespace
}  // namespace braid
