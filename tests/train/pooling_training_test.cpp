// A sample whose partner shows in one of its values only: pooling finds it, and training it is like
// all training.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "braid/task/embed.h"
#include "trainer_fixture.h"

namespace braid::test {
namespace {

constexpr const char* kFillers[] = {"old paper", "thin cloud", "dry sand", "wet grass"};

// The rows of the tiny world, the English side among three texts that say nothing, at a place that
// changes from row to row.
std::string hidden_among_others() {
  std::string rows;
  size_t row = 0;
  const auto plain = tiny_manifest();
  for (size_t begin = 0; begin < plain.size(); ++row) {
    const size_t end = plain.find('\n', begin);
    const auto line = plain.substr(begin, end - begin);
    const size_t open = line.find("\"en\": ") + 6, close = line.find("\",") + 1;
    std::string list;
    for (size_t i = 0; i < 4; ++i) {
      const bool here = i == (row * 7 + row / 4) % 4;
      const auto filler = "\"" + std::string(kFillers[(row + i) % 4]) + "\"";
      list += (i ? ", " : "") + (here ? line.substr(open, close - open) : filler);
    }
    rows += line.substr(0, open) + "[" + list + "]" + line.substr(close) + "\n";
    begin = end + 1;
  }
  return rows;
}

class PoolingTraining : public TrainerTest {
 protected:
  void open_pooled(const std::string& train, const std::string& pooling) {
    world_ = std::make_unique<TinyWorld>(folder_.path(),
                                         std::string(kPair) + "train: {batch: 16, lr: 0.02, " +
                                             train + "}\n",
                                         hidden_among_others());
    world_->recipe.fields[0].second.pooling =
        read<ValuePoolingConfig>(ConfigNode::parse(pooling, "pooling.yaml"));
  }
};

TEST_F(PoolingTraining, AttentionFindsTheValueThatSaysSomething) {
  open_pooled("epochs: 40, choose: last", "{hidden: 16}");
  std::vector<float> weights;  // of the values that say something; a fourth each at the start
  sit("run");
  const auto model = world_->model();
  load_state(*model, read_safetensors(folder_ / "run/model.safetensors"), "run");
  std::vector<std::vector<Value>> samples;
  for (const int64_t row : world_->data->rows(""))
    samples.push_back(world_->data->values(row, 0, 0));
  const auto embedded = embed_samples(*model, 0, *world_->modalities[0], samples, {});
  for (size_t i = 0; i < samples.size(); ++i) {
    ASSERT_EQ(samples[i].size(), 4u);
    for (size_t k = 0; k < 4; ++k) {
      const bool filler = std::find(std::begin(kFillers), std::end(kFillers), samples[i][k].text) !=
                          std::end(kFillers);
      if (!filler) weights.push_back(embedded.weights[i][k]);
    }
  }
  ASSERT_EQ(weights.size(), 64u);
  EXPECT_GT(*std::min_element(weights.begin(), weights.end()), 0.5);
}

TEST_F(PoolingTraining, KilledAndResumedItEndsWithTheSameBytes) {
  open_pooled("epochs: 4, checkpoint_steps: 3", "{hidden: 16, max: 3}");
  workers_ = 2;
  expect_equal_bytes_after_kills({2, 5, 6});
}

}  // namespace
}  // namespace braid::test
