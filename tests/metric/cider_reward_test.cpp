#include "braid/metric/caption/cider_reward.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace braid {
namespace {

const std::vector<std::vector<std::string>> kPeople = {
    {"a dog runs on grass", "the brown dog is running"},
    {"two men play a game", "men playing football in a field"},
    {"a dog swims in the sea", "a wet dog in water"},
};

TEST(CiderReward, IsTheMetricOfTheSameSentences) {
  const std::vector<std::string> said = {"a brown dog runs fast", "two men play in a zebra field",
                                         "zebra quagga"};
  const auto statistics = caption_statistics({said, kPeople}, {WordRule::kPtb, "en", 1}, {});
  const CiderReward reward(kPeople, WordRule::kPtb);
  double mean = 0;
  for (size_t i = 0; i < said.size(); ++i) mean += reward.of(i, said[i]) / 3;
  bool found = false;
  const std::vector<int> once(3, 1);
  for (size_t k = 0; k < statistics.metrics.size(); ++k) {
    if (statistics.metrics[k].name != "cider_d") continue;
    EXPECT_NEAR(mean, statistics.values(once)[k], 1e-12);
    found = true;
  }
  EXPECT_TRUE(found);
  EXPECT_GT(mean, 0.1);
}

TEST(CiderReward, NewWordsCountAsThemselvesAndAreForgotten) {
  const CiderReward reward(kPeople, WordRule::kPtb);
  const double before = reward.of(0, "a dog runs on grass");
  EXPECT_EQ(reward.of(0, "zebra zebra quagga"), 0);
  EXPECT_EQ(reward.of(0, "a dog runs on grass"), before);
  EXPECT_GT(before, reward.of(0, "a dog runs on grass zebra quagga"));
  EXPECT_EQ(reward.of(0, ""), 0);
}

TEST(CiderReward, ASampleWithoutReferencesIsNoDocument) {
  auto more = kPeople;
  more.push_back({});
  const CiderReward with(more, WordRule::kPtb), without(kPeople, WordRule::kPtb);
  EXPECT_EQ(with.of(3, "a dog"), 0);
  EXPECT_EQ(with.of(0, "a dog runs"), without.of(0, "a dog runs"));
}

}  // namespace
}  // namespace braid
