// The broken manifests of the shared bad_inputs set, through what `braid inspect` does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "braid/core/error.h"
#include "braid/data/inspect.h"

namespace braid {
namespace {

TEST(BadManifests, AreRefusedAtTheirFirstBadLine) {
  const char* data = std::getenv("BRAID_DATA");
  const auto root = std::filesystem::path(data ? data : BRAID_SOURCE_DIR "/../shared/data") /
                    "bad_inputs/text_bad";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << root << " is not there";
  const std::pair<const char*, const char*> kFiles[] = {
      {"bad.jsonl", "bad.jsonl:2: not valid JSON"},
      {"ragged.csv", "ragged.csv:3: expected 3 cells as in the header, got 2"},
      {"invalid_utf8.txt", "invalid_utf8.txt: cannot tell what this is"},
      {"truncated_utf8.txt", "truncated_utf8.txt: cannot tell what this is"},
      {"utf16le.txt", "utf16le.txt: cannot tell what this is"}};
  for (const auto& [file, says] : kFiles) {
    try {
      inspect(inspect_config({root / file}));
      ADD_FAILURE() << file << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInput) << file;
      EXPECT_THAT(error.what(), testing::HasSubstr(says));
    }
  }
}

}  // namespace
}  // namespace braid
