// All values of a sample in one batch: `pooling` of a field.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "braid/data/loader.h"
#include "data_test.h"

namespace braid::data_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class PoolingLoaderTest : public DataTest {
 protected:
  // One field, `text`, from rows of the manifest.
  void open(const std::string& rows, const std::vector<std::string>& columns = {"v"}) {
    write("a.jsonl", rows);
    std::vector<std::pair<std::string, std::vector<std::string>>> sources;
    for (const auto& column : columns)
      sources.push_back({columns.size() > 1 ? column : "", {column}});
    data_ = open_dataset(one_manifest("a.jsonl"), {{"text", "text", sources}}, folder_);
    config_.batch = data_->size();
    config_.workers = 0;
    config_.max_bad = 1;
    config_.pooling = {ValuePoolingConfig{}};
    config_.shuffle = false;
  }

  std::unique_ptr<Loader> make() const {
    return make_loader(*data_, data_->rows(""), {&fake_}, config_);
  }
  std::unique_ptr<Batch> first(int64_t epoch = 0) const {
    const auto loader = make();
    loader->start(epoch, 0);
    return loader->next();
  }
  // Values of a slot by row, without what augmenting added.
  static std::map<int64_t, std::vector<int64_t>> by_row(const Batch& batch, const Slot& slot) {
    std::map<int64_t, std::vector<int64_t>> sets;
    for (size_t i = 0; i < batch.rows.size(); ++i) {
      auto& set = sets[batch.rows[i]];
      for (int64_t at = slot.offsets[i]; at < slot.offsets[i + 1]; ++at)
        set.push_back(slot.batch.values.values<int64_t>()[static_cast<size_t>(at)] / 1000);
    }
    return sets;
  }

  FakeModality fake_;
  std::unique_ptr<Dataset> data_;
  LoaderConfig config_;
};

TEST_F(PoolingLoaderTest, PacksTheValuesOfAllSamplesWithoutPadding) {
  open("{\"v\": [1, 2, 3]}\n{\"v\": []}\n{\"v\": 4}\n{\"v\": [5, 6]}\n");
  const auto batch = first();
  const auto& slot = batch->fields[0].slots.at(0);
  EXPECT_THAT(slot.offsets, ElementsAre(0, 3, 3, 4, 6));
  EXPECT_THAT(slot.present, ElementsAre(1, 0, 1, 1));
  const auto values = slot.batch.values.values<int64_t>();
  EXPECT_THAT(std::vector<int64_t>(values.begin(), values.end()),
              ElementsAre(1000, 2000, 3000, 4000, 5000, 6000));
}

TEST_F(PoolingLoaderTest, EachSourceIsASlotOfItsOwn) {
  open("{\"en\": [1, 2], \"zh\": 3}\n{\"zh\": [4, 5]}\n", {"en", "zh"});
  const auto batch = first();
  ASSERT_EQ(batch->fields[0].slots.size(), 2u);
  EXPECT_THAT(batch->fields[0].slots[0].offsets, ElementsAre(0, 2, 2));
  EXPECT_THAT(batch->fields[0].slots[1].offsets, ElementsAre(0, 1, 3));
}

TEST_F(PoolingLoaderTest, OrOneSourceIsDrawnAndAllItsValuesTakePart) {
  open("{\"en\": [1, 2], \"zh\": 3}\n{\"zh\": [4, 5]}\n", {"en", "zh"});
  config_.every_source = {false};
  config_.shuffle = true;
  int english = 0;
  constexpr int kEpochs = 100;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    const auto batch = first(epoch);
    ASSERT_EQ(batch->fields[0].slots.size(), 1u);
    auto sets = by_row(*batch, batch->fields[0].slots[0]);
    EXPECT_THAT(sets[1], ElementsAre(4, 5));
    if (sets[0].size() == 2) ++english;
    EXPECT_THAT(sets[0], testing::AnyOf(ElementsAre(1, 2), ElementsAre(3)));
  }
  EXPECT_NEAR(english, kEpochs / 2, 20);  // four deviations
}

TEST_F(PoolingLoaderTest, WhatCannotBeReadIsCountedNamedAndLeftOut) {
  open("{\"v\": [1, \"bad\", 3]}\n{\"v\": [\"bad\", 5]}\n{\"v\": [7, 8]}\n");
  const auto loader = make();
  loader->start(0, 0);
  const auto batch = loader->next();
  const auto& slot = batch->fields[0].slots.at(0);
  EXPECT_EQ(by_row(*batch, slot),
            (std::map<int64_t, std::vector<int64_t>>{{0, {1, 3}}, {1, {5}}, {2, {7, 8}}}));
  const auto bad = loader->bad();
  ASSERT_EQ(bad.size(), 2u);
  EXPECT_EQ(bad[0].where, "a.jsonl:1");
  EXPECT_THAT(bad[0].message, AllOf(HasSubstr("text: "), HasSubstr("got 'bad'")));
  EXPECT_EQ(bad[1].row, 1);
}

TEST_F(PoolingLoaderTest, ASampleOfUnreadableValuesAloneIsMissing) {
  open("{\"v\": [\"bad\", \"bad\"], \"n\": 1}\n{\"v\": [7, 8], \"n\": 2}\n");
  const auto batch = first();
  EXPECT_THAT(batch->rows, ElementsAre(1));  // it has no other field
  EXPECT_THAT(batch->fields[0].slots.at(0).offsets, ElementsAre(0, 2));
}

TEST_F(PoolingLoaderTest, AMaximumTakesTheFirstValuesAndInTrainingRandomOnes) {
  open("{\"v\": [0, 1, 2, 3, 4, 5, 6, 7]}\n{\"v\": [10, 11]}\n");
  config_.pooling[0]->max = 3;
  auto batch = first();
  EXPECT_EQ(by_row(*batch, batch->fields[0].slots[0]),
            (std::map<int64_t, std::vector<int64_t>>{{0, {0, 1, 2}}, {1, {10, 11}}}));
  config_.shuffle = true;
  std::map<int64_t, int> drawn;
  constexpr int kEpochs = 400;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    batch = first(epoch);
    auto sets = by_row(*batch, batch->fields[0].slots[0]);
    EXPECT_THAT(sets[1], ElementsAre(10, 11));
    ASSERT_EQ(sets[0].size(), 3u);
    EXPECT_TRUE(std::is_sorted(sets[0].begin(), sets[0].end()));
    EXPECT_EQ(std::set<int64_t>(sets[0].begin(), sets[0].end()).size(), 3u);
    for (const int64_t value : sets[0]) ++drawn[value];
  }
  // 400 draws of chance 3/8, four deviations.
  for (int64_t value = 0; value < 8; ++value) EXPECT_NEAR(drawn[value], 150, 39) << value;
}

TEST_F(PoolingLoaderTest, EachValueAndViewIsAugmentedByItself) {
  open("{\"v\": [5, 5, 5]}\n{\"v\": [6]}\n");
  config_.shuffle = true;
  config_.two_views = {true};
  const auto batch = first();
  std::set<int64_t> all;
  for (const auto& slot : batch->fields[0].slots) {
    EXPECT_EQ(slot.offsets.back(), 4);
    const auto values = slot.batch.values.values<int64_t>();
    all.insert(values.begin(), values.end());
  }
  EXPECT_EQ(all.size(), 8u);  // of 1000 numbers each; seed 0 draws no two alike
}

TEST_F(PoolingLoaderTest, BatchesDoNotDependOnWorkersOrCache) {
  std::string rows;
  for (int i = 0; i < 40; ++i) {
    rows += "{\"v\": [";
    for (int k = 0; k <= i % 7; ++k) rows += (k ? ", " : "") + std::to_string(10 * i + k);
    rows += i % 9 == 8 ? ", \"bad\"]}\n" : "]}\n";
  }
  open(rows);
  config_.batch = 8;
  config_.shuffle = true;
  config_.two_views = {true};
  config_.pooling[0]->max = 5;
  config_.dropout = {0.3, {{0, 0}}};
  std::vector<std::vector<int64_t>> expected;
  for (const int64_t workers : {0, 3}) {
    for (const int64_t cache : {0, 1 << 20}) {
      config_.workers = workers;
      config_.cache_bytes = cache;
      const auto loader = make();
      std::vector<std::vector<int64_t>> seen;
      for (const int64_t epoch : {0, 1}) {
        loader->start(epoch, 0);
        while (const auto batch = loader->next()) {
          for (const auto& slot : batch->fields[0].slots) {
            const auto values = slot.batch.values.values<int64_t>();
            seen.emplace_back(values.begin(), values.end());
            seen.push_back(slot.offsets);
            for (const uint64_t key : slot.value_key)
              seen.back().push_back(static_cast<int64_t>(key));
          }
        }
      }
      if (expected.empty()) expected = seen;
      EXPECT_EQ(seen, expected) << workers << " workers, cache " << cache;
    }
  }
}

// Keys tell equal samples, which are no negatives of each other.
TEST_F(PoolingLoaderTest, TheKeyIsOfTheSetOfValues) {
  open("{\"v\": [1, 2, 3]}\n{\"v\": [3, 1, 2]}\n{\"v\": [1, 2]}\n{\"v\": 2}\n"
       "{\"v\": [\"bad\", 2]}\n{\"v\": []}\n");
  const auto batch = first();
  const auto& key = batch->fields[0].slots[0].value_key;
  EXPECT_EQ(key[0], key[1]);
  EXPECT_NE(key[0], key[2]);
  EXPECT_EQ(key[3], value_key(as_bytes("2")));
  EXPECT_EQ(key[4], key[3]);
  EXPECT_EQ(key[5], 0u);
}

TEST_F(PoolingLoaderTest, VectorsOfAFrozenEncoderArePackedToo) {
  open("{\"v\": [1, 2]}\n{\"v\": [3]}\n");
  auto encoded = std::make_shared<EncodedValues>(1);
  const float vectors[] = {10, 20, 30};
  const auto block = encoded->add_block(Array::of<float>({3, 1}, std::span(vectors)));
  for (int i = 0; i < 3; ++i)
    encoded->add({std::to_string(i + 1), {}, {}}, static_cast<uint64_t>(i + 1), block,
                 static_cast<size_t>(i));
  config_.encoded = {encoded};
  const auto batch = first();
  const auto& slot = batch->fields[0].slots.at(0);
  EXPECT_THAT(slot.offsets, ElementsAre(0, 2, 3));
  const auto values = slot.batch.values.values<float>();
  EXPECT_THAT(std::vector<float>(values.begin(), values.end()), ElementsAre(10, 20, 30));
}

TEST_F(PoolingLoaderTest, ABatchWithoutAnyValueIsEmpty) {
  open("{\"v\": []}\n{\"v\": []}\n");
  const auto batch = first();
  EXPECT_THAT(batch->fields[0].slots.at(0).offsets, ElementsAre(0, 0, 0));
  EXPECT_THAT(batch->fields[0].slots.at(0).present, ElementsAre(0, 0));
}

}  // namespace
}  // namespace braid::data_test
