#include "braid/report/event_file.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "tests/report/folder.h"

namespace braid {
namespace {

using EventFileTest = report_test::InFolder;

std::string hex(std::string_view bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// Check value of CRC-32C, and two of RFC 3720 B.4 (as numbers: 32 zeros, 32 times 0xff).
TEST(EventRecord, ChecksumEqualsThePublishedValues) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c(""), 0u);
}

// Made by TensorBoard's own writer: tests/golden/tensorboard_event.py.
TEST(EventRecord, EqualsTheBytesOfTensorBoardsWriter) {
  const auto golden =
      split(read_text(BRAID_SOURCE_DIR "/tests/golden/tensorboard_event.hex"), '\n');
  EXPECT_EQ(hex(version_record(1700000000.25)), golden.at(0));
  const std::vector<NamedValue> two = {{"loss", 0.1}, {"temperature", -2.5}};
  EXPECT_EQ(hex(scalar_record(300, 1700000001.5, two)), golden.at(1));
  const std::vector<NamedValue> one = {{"loss", std::numeric_limits<double>::infinity()}};
  EXPECT_EQ(hex(scalar_record(-1, 0.5, one)), golden.at(2));
}

TEST_F(EventFileTest, HoldsEveryRecordAsSoonAsItIsWritten) {
  EventFile file(folder_);
  const auto name = file.path().filename().string();
  EXPECT_EQ(name.rfind("events.out.tfevents.", 0), 0u) << name;
  const auto start = read_text(file.path());
  EXPECT_NE(start.find("brain.Event:2"), std::string::npos);
  const std::vector<NamedValue> values = {{"loss", 2.0}};
  file.scalars(1, 10.0, values);
  EXPECT_EQ(read_text(file.path()), start + scalar_record(1, 10.0, values));
}

TEST_F(EventFileTest, MakesAnotherFileForAResumedRun) {
  const EventFile first(folder_);
  const EventFile second(folder_);
  EXPECT_NE(first.path(), second.path());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 2);
}

TEST_F(EventFileTest, NamesTheFolderThatIsNotThere) {
  try {
    EventFile file(folder_ / "absent");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("absent"), std::string::npos);
  }
}

}  // namespace
}  // namespace braid
