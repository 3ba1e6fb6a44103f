#include "braid/generate/search_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace braid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What check() or reading says of the keys, "" where they are right.
std::string search_fault(const std::string& yaml) {
  try {
    const auto node = ConfigNode::parse(yaml, "search.yaml");
    check(read<SearchConfig>(node), &node);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    return error.what();
  }
}

TEST(SearchConfig, IsGreedyByDefaultAndComesBackFromYaml) {
  EXPECT_EQ(search_fault("{}"), "");
  auto config = read<SearchConfig>(ConfigNode::parse("{beam: 4, best: 2, stop: [., \"\\n\"]}"));
  EXPECT_THAT(config.stop, ElementsAre(".", "\n"));
  const auto again = read<SearchConfig>(ConfigNode::parse(write(config).to_yaml()));
  EXPECT_EQ(again.beam, 4);
  EXPECT_EQ(again.best, 2);
  EXPECT_EQ(again.stop, config.stop);
  EXPECT_EQ(SearchConfig().beam, 1);
  EXPECT_FALSE(SearchConfig().sample);
}

TEST(SearchConfig, RefusesValuesOutsideTheirBounds) {
  for (const char* yaml :
       {"beam: 0", "beam: 65", "best: 0", "temperature: 0", "top_p: 0", "top_p: 1.1", "top_k: -1",
        "length_penalty: -1", "repetition_penalty: 0.9", "max_tokens: 4097", "min_tokens: -1"})
    EXPECT_THAT(search_fault(yaml), HasSubstr("search.yaml:1:")) << yaml;
  SearchConfig config;  // the same for values that no recipe gave
  config.temperature = 0;
  try {
    check(config);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "temperature: expected > 0, got 0");
  }
}

TEST(SearchConfig, RefusesKeysThatDoNotGoTogether) {
  EXPECT_THAT(search_fault("{sample: true, beam: 2}"), HasSubstr("expected beam 1"));
  EXPECT_THAT(search_fault("{beam: 2, best: 3}"), HasSubstr("expected at most beam 2"));
  EXPECT_EQ(search_fault("{sample: true, best: 3}"), "");
  EXPECT_THAT(search_fault("stop: [a, \"\"]"), HasSubstr("got an empty one"));
  EXPECT_THAT(search_fault("{max_tokens: 3, min_tokens: 4}"), HasSubstr("at most max_tokens 3"));
  EXPECT_EQ(search_fault("{min_tokens: 4}"), "");  // max_tokens is not resolved yet
}

}  // namespace
}  // namespace braid
