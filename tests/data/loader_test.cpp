#include "braid/data/loader.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "braid/data/sample_cache.h"
#include "braid/data/sample_store.h"
#include "data_test.h"

namespace braid::data_test {
namespace {

struct Opened {
  std::unique_ptr<Dataset> data;
  std::vector<const Modality*> modalities;
};

// Everything a batch holds, as text, so that batches compare in one go.
std::string spell(const Batch& batch) {
  std::string out = std::to_string(batch.epoch) + "/" + std::to_string(batch.step) + ":";
  for (const int64_t row : batch.rows) out += " " + std::to_string(row);
  for (const auto& field : batch.fields) {
    for (const auto& slot : field.slots) {
      out += "\n" + field.field + "." + slot.source + "." + std::to_string(slot.view) + ":";
      const auto values = slot.batch.values.values<int64_t>();
      for (size_t i = 0; i < values.size(); ++i) {
        out += " " + std::to_string(values[i]) + (slot.present[i] ? "+" : "-") +
               std::to_string(slot.value_key[i]);
      }
    }
  }
  return out;
}

std::vector<std::string> run(Loader& loader, int64_t epoch, int64_t step = 0) {
  std::vector<std::string> batches;
  loader.start(epoch, step);
  while (auto batch = loader.next()) batches.push_back(spell(*batch));
  return batches;
}

class LoaderTest : public DataTest {
 protected:
  // Rows {"n": i, "en": [i, i + 100, i + 200], "zh": i + 300}; every fifth row lacks "zh".
  Opened numbers(int count, const std::vector<int>& bad = {}) {
    std::string rows;
    for (int i = 0; i < count; ++i) {
      const bool is_bad = std::find(bad.begin(), bad.end(), i) != bad.end();
      rows += "{\"n\": " + (is_bad ? "\"bad\"" : std::to_string(i)) + ", \"en\": [" +
              std::to_string(i) + ", " + std::to_string(i + 100) + ", " + std::to_string(i + 200) +
              "]" + (i % 5 ? ", \"zh\": " + std::to_string(i + 300) : "") + "}\n";
    }
    write("a.jsonl", rows);
    return {open_dataset(one_manifest("a.jsonl"),
                         {{"number", "text", {{"", {"n"}}}},
                          {"text", "text", {{"en", {"en"}}, {"zh", {"zh"}}}}},
                         folder_),
            {&fake_, &fake_}};
  }

  static std::unique_ptr<Loader> make(const Opened& setup, const LoaderConfig& config) {
    return make_loader(*setup.data, setup.data->rows(""), setup.modalities, config);
  }

  FakeModality fake_;
};

LoaderConfig config_of(int64_t batch, int64_t workers) {
  LoaderConfig config;
  config.batch = batch;
  config.workers = workers;
  config.threads = 3;
  config.prefetch = 3;
  config.seed = 7;
  config.max_bad = 1;
  config.two_views = {true, false};
  return config;
}

TEST_F(LoaderTest, GivesEqualBatchesForAnyNumberOfWorkersAndAnyCache) {
  const auto setup = numbers(103, {11, 40});
  std::vector<std::string> expected;
  for (const int64_t workers : {0, 1, 4}) {
    for (const int64_t cache : {0, 20000, 1 << 20}) {
      auto config = config_of(10, workers);
      config.cache_bytes = cache;
      const auto loader = make(setup, config);
      auto batches = run(*loader, 0);
      for (auto& batch : run(*loader, 1)) batches.push_back(batch);
      EXPECT_EQ(batches.size(), 20u);
      if (expected.empty()) expected = batches;
      EXPECT_EQ(batches, expected) << workers << " workers, cache " << cache;
    }
  }
}

TEST_F(LoaderTest, BeginsAnywhereInAnEpoch) {
  const auto setup = numbers(60);
  for (const int64_t workers : {0, 2}) {
    const auto loader = make(setup, config_of(8, workers));
    const auto whole = run(*loader, 5);
    ASSERT_EQ(whole.size(), 7u);
    run(*loader, 6);
    const auto tail = run(*loader, 5, 4);
    EXPECT_EQ(tail, std::vector<std::string>(whole.begin() + 4, whole.end()));
    loader->start(5, 0);
    loader->next();
    EXPECT_EQ(run(*loader, 5, 4), tail);  // what was prefetched is forgotten
    EXPECT_TRUE(run(*loader, 5, 7).empty());
  }
}

TEST_F(LoaderTest, ShufflesEveryRowOnceAndAnewEachEpoch) {
  const auto setup = numbers(40);
  const auto loader = make(setup, config_of(8, 1));
  std::vector<std::vector<int64_t>> orders;
  for (int epoch : {0, 1}) {
    auto& order = orders.emplace_back();
    loader->start(epoch, 0);
    while (auto batch = loader->next())
      order.insert(order.end(), batch->rows.begin(), batch->rows.end());
    EXPECT_EQ(std::set<int64_t>(order.begin(), order.end()).size(), 40u);
  }
  EXPECT_NE(orders[0], orders[1]);
}

TEST_F(LoaderTest, DrawsEveryValueAndAugmentsEachViewApart) {
  const auto setup = numbers(20);
  const auto loader = make(setup, config_of(20, 1));
  std::map<int64_t, int> drawn;  // which of the three values
  int equal_views = 0;
  for (int epoch = 0; epoch < 30; ++epoch) {
    loader->start(epoch, 0);
    const auto batch = loader->next();
    const auto& number = batch->fields[0];
    const auto& english = batch->fields[1].slots[0];
    ASSERT_EQ(number.slots.size(), 2u);
    for (size_t i = 0; i < batch->rows.size(); ++i) {
      const auto first = number.slots[0].batch.values.values<int64_t>()[i];
      const auto second = number.slots[1].batch.values.values<int64_t>()[i];
      EXPECT_EQ(first / 1000, batch->rows[i]);
      EXPECT_EQ(second / 1000, batch->rows[i]);
      EXPECT_EQ(number.slots[0].value_key[i], number.slots[1].value_key[i]);
      equal_views += first == second;
      ++drawn[(english.batch.values.values<int64_t>()[i] / 1000 - batch->rows[i]) / 100];
    }
  }
  EXPECT_LT(equal_views, 6);  // 600 pairs of draws below 1000: 0.6 expected
  for (int64_t value : {0, 1, 2}) EXPECT_NEAR(drawn[value], 200, 47);  // four standard deviations
}

TEST_F(LoaderTest, MarksMissingValuesAndKeysEqualOnes) {
  write("a.jsonl", "{\"t\": 5}\n{\"t\": null}\n{\"t\": 5}\n{\"t\": 6}\n");
  const auto data = open_dataset(one_manifest("a.jsonl"), {text_field("t")}, folder_);
  auto config = config_of(4, 0);
  config.shuffle = false;
  config.two_views.clear();
  const auto loader = make_loader(*data, data->rows(""), {&fake_}, config);
  loader->start(0, 0);
  const auto batch = loader->next();
  const auto& slot = batch->fields[0].slots[0];
  EXPECT_EQ(slot.present, (std::vector<uint8_t>{1, 0, 1, 1}));
  EXPECT_EQ(slot.value_key[0], slot.value_key[2]);
  EXPECT_NE(slot.value_key[0], slot.value_key[3]);
  EXPECT_EQ(slot.value_key[1], 0u);
  EXPECT_EQ(slot.batch.values.values<int64_t>()[1], 0);
  EXPECT_TRUE(loader->bad().empty());
}

TEST_F(LoaderTest, GoesInOrderWithPlainFirstValuesWhenNotShuffled) {
  const auto setup = numbers(10);
  auto config = config_of(4, 2);
  config.shuffle = false;
  const auto loader = make(setup, config);
  EXPECT_EQ(loader->steps_per_epoch(), 3);
  loader->start(0, 0);
  int64_t row = 0;
  while (auto batch = loader->next()) {
    for (size_t i = 0; i < batch->rows.size(); ++i, ++row) {
      EXPECT_EQ(batch->rows[i], row);
      EXPECT_EQ(batch->fields[0].slots[1].batch.values.values<int64_t>()[i], row * 1000);
      EXPECT_EQ(batch->fields[1].slots[0].batch.values.values<int64_t>()[i], row * 1000);
    }
  }
  EXPECT_EQ(row, 10);
}

TEST_F(LoaderTest, DrawsOneSourceAmongThoseThatHaveAValue) {
  const auto setup = numbers(50);
  auto config = config_of(50, 1);
  config.every_source = {true, false};
  const auto loader = make(setup, config);
  int chinese = 0, total = 0;
  for (int epoch = 0; epoch < 20; ++epoch) {
    loader->start(epoch, 0);
    const auto batch = loader->next();
    ASSERT_EQ(batch->fields[1].slots.size(), 1u);
    const auto& slot = batch->fields[1].slots[0];
    EXPECT_EQ(slot.source, "");
    for (size_t i = 0; i < batch->rows.size(); ++i) {
      EXPECT_EQ(slot.present[i], 1);
      const int64_t offset = slot.batch.values.values<int64_t>()[i] / 1000 - batch->rows[i];
      if (batch->rows[i] % 5 == 0) {
        EXPECT_LT(offset, 300);
      } else {
        chinese += offset == 300, ++total;
      }
    }
  }
  EXPECT_NEAR(static_cast<double>(chinese) / total, 0.5, 0.075);  // 800 draws, four deviations
}

TEST_F(LoaderTest, RecordsABadValueOnceAndTakesItForMissing) {
  const auto setup = numbers(20, {3, 17});
  const auto loader = make(setup, config_of(10, 2));
  for (int epoch : {0, 1}) {
    loader->start(epoch, 0);
    size_t rows = 0;
    while (auto batch = loader->next()) {
      rows += batch->rows.size();
      for (size_t i = 0; i < batch->rows.size(); ++i) {
        const bool bad = batch->rows[i] == 3 || batch->rows[i] == 17;
        for (const auto& slot : batch->fields[0].slots) {
          EXPECT_EQ(slot.present[i], !bad);
          EXPECT_EQ(slot.value_key[i] == 0, bad);
        }
        EXPECT_TRUE(batch->fields[1].slots[0].present[i]);
      }
    }
    EXPECT_EQ(rows, 20u);
  }
  const auto bad = loader->bad();
  ASSERT_EQ(bad.size(), 2u);
  EXPECT_EQ(bad[0].row, 3);
  EXPECT_EQ(bad[0].where, "a.jsonl:4");
  EXPECT_EQ(bad[0].message, "number: expected a number, got 'bad'");
  EXPECT_EQ(bad[1].row, 17);
}

TEST_F(LoaderTest, FailsOnceTooManySamplesAreBad) {
  const auto setup = numbers(100, {3, 17, 50});
  for (const int64_t workers : {0, 3}) {
    auto config = config_of(10, workers);
    config.max_bad = 0.03;
    EXPECT_EQ(run(*make(setup, config), 0).size(), 10u);
    config.max_bad = 0.02;
    const auto loader = make(setup, config);
    expect_error(ErrorCode::kInput,
                 {"3 of 100", "0.02", "a.jsonl:4", "a.jsonl:18", "a.jsonl:51", "got 'bad'"},
                 [&] { run(*loader, 0); });
  }
}

TEST_F(LoaderTest, HidesWholeFieldsAtRandomForAnyNumberOfWorkers) {
  const auto setup = numbers(200);
  std::vector<std::string> expected;
  for (const int64_t workers : {0, 3}) {
    auto config = config_of(50, workers);
    config.dropout = {0.4, {{0, 0}, {1, 1}}};  // either field alone is a pair
    const auto loader = make(setup, config);
    loader->start(0, 0);
    std::vector<std::string> spelled;
    int without_number = 0, without_text = 0;
    while (const auto batch = loader->next()) {
      spelled.push_back(spell(*batch));
      for (size_t i = 0; i < batch->rows.size(); ++i) {
        const bool number = batch->fields[0].slots[0].present[i];
        const bool text = batch->fields[1].slots[0].present[i];
        EXPECT_EQ(batch->fields[0].slots[1].present[i], number);  // both views or none
        EXPECT_TRUE(number || text);
        EXPECT_TRUE(text || !batch->fields[1].slots[1].present[i]);
        without_number += !number;
        without_text += !text;
      }
    }
    // Each with 0.4, less half of the 0.16 in which both are drawn: 0.32, four deviations.
    EXPECT_NEAR(without_number / 200.0, 0.32, 0.13);
    EXPECT_NEAR(without_text / 200.0, 0.32, 0.13);
    if (expected.empty()) expected = spelled;
    EXPECT_EQ(spelled, expected);
    EXPECT_TRUE(loader->bad().empty());
  }
}

TEST_F(LoaderTest, HidesNothingOutsideTraining) {
  const auto setup = numbers(20);
  auto config = config_of(10, 0);
  config.shuffle = false;
  const auto plain = run(*make(setup, config), 0);
  config.dropout = {0.9, {{0, 0}, {1, 1}}};
  EXPECT_EQ(run(*make(setup, config), 0), plain);
}

TEST_F(LoaderTest, LeavesOutABatchWithoutRows) {
  write("a.jsonl",
        "{\"n\": 0}\n{\"n\": 1}\n{\"n\": \"bad\"}\n{\"n\": \"bad\"}\n{\"n\": 4}\n{\"n\": 5}\n");
  const Opened setup{
      open_dataset(one_manifest("a.jsonl"), {{"number", "text", {{"", {"n"}}}}}, folder_),
      {&fake_}};
  auto config = config_of(2, 1);
  config.two_views.clear();
  config.shuffle = false;
  const auto loader = make(setup, config);
  loader->start(0, 0);
  EXPECT_EQ(loader->next()->step, 0);
  EXPECT_EQ(loader->next()->step, 2);
  EXPECT_EQ(loader->next(), nullptr);
}

TEST_F(LoaderTest, NamesFilesThatCannotBeRead) {
  write("1.jpg", "1");
  write("2.jpg", "bad");
  write("4.jpg", std::string(1001, '1'));
  write("a.jsonl",
        "{\"i\": \"1.jpg\"}\n{\"i\": \"2.jpg\"}\n{\"i\": \"3.jpg\"}\n{\"i\": \"4.jpg\"}\n{\"i\": "
        "\"../5.jpg\"}\n");
  const auto data = open_dataset(one_manifest("a.jsonl"), {image_field("i")}, folder_);
  auto config = config_of(5, 1);
  config.two_views.clear();
  const auto loader = make_loader(*data, data->rows(""), {&fake_}, config);
  run(*loader, 0);
  const auto bad = loader->bad();
  ASSERT_EQ(bad.size(), 4u);
  EXPECT_EQ(bad[0].message, "image: 2.jpg: expected a number, got 'bad'");
  EXPECT_NE(bad[1].message.find("3.jpg: no such file"), std::string::npos) << bad[1].message;
  EXPECT_NE(bad[2].message.find("4.jpg: 1001 bytes, over the limit"), std::string::npos)
      << bad[2].message;
  EXPECT_NE(bad[3].message.find("outside"), std::string::npos) << bad[3].message;
}

TEST_F(LoaderTest, ThrowsWhatIsNoSamplesFault) {
  for (const int64_t workers : {0, 1, 4}) {
    write("a.jsonl",
          "{\"t\": 1}\n{\"t\": 2}\n{\"t\": 3}\n{\"t\": \"broken\"}\n{\"t\": 5}\n{\"t\": 6}\n");
    const auto data = open_dataset(one_manifest("a.jsonl"), {text_field("t")}, folder_);
    auto config = config_of(2, workers);
    config.shuffle = false;
    config.two_views.clear();
    const auto loader = make_loader(*data, data->rows(""), {&fake_}, config);
    loader->start(0, 0);
    EXPECT_EQ(loader->next()->rows.size(), 2u);
    expect_error(ErrorCode::kIo, {"the disk is gone"}, [&] { loader->next(); });
    write("b.jsonl", "{\"t\": \"hungry\"}\n");
    const auto hungry = open_dataset(one_manifest("b.jsonl"), {text_field("t")}, folder_);
    const auto other = make_loader(*hungry, {0}, {&fake_}, config);
    other->start(0, 0);
    EXPECT_THROW(other->next(), std::bad_alloc);
  }
}

TEST_F(LoaderTest, PreparesNoMoreThanPrefetchAllows) {
  const auto setup = numbers(1000);
  auto config = config_of(10, 4);
  config.cache_bytes = 0;
  config.two_views.clear();
  const auto loader = make(setup, config);
  loader->start(0, 0);
  loader->next();
  // Each row has two or three values; the batch handed out, three ready, and none beyond.
  const int64_t most = 4 * 10 * 3;
  while (fake_.prepared < 4 * 10 * 2) std::this_thread::yield();
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  while (std::chrono::steady_clock::now() < until) ASSERT_LE(fake_.prepared, most);
}

TEST_F(LoaderTest, StopsPromptlyInTheMiddleOfABatch) {
  const auto setup = numbers(1000);
  auto config = config_of(500, 2);
  auto loader = make(setup, config);
  fake_.hold = true;
  loader->start(0, 0);
  while (fake_.prepared < 2) std::this_thread::yield();
  std::thread release([&] {
    std::this_thread::yield();
    fake_.hold = false;
  });
  loader.reset();
  release.join();
  EXPECT_LT(fake_.prepared, 1400);  // not the whole batch of up to 1500 values
}

TEST_F(LoaderTest, DecodesOnceWithACache) {
  const auto setup = numbers(20);
  auto config = config_of(20, 1);
  config.shuffle = false;
  const auto loader = make(setup, config);
  run(*loader, 0);
  const int64_t once = fake_.prepared;
  EXPECT_EQ(once, 20 + 20 + 16);
  run(*loader, 1);
  EXPECT_EQ(fake_.prepared, once);
}

// 12 files of which 2 hold the same, one is bad; and inline text, which is not counted.
TEST_F(LoaderTest, TakesFilesFromMemoryOrDiskAndGivesTheSameBatches) {
  std::string rows;
  for (int i = 0; i < 12; ++i) {
    const auto name = std::to_string(i) + ".jpg";
    write(name, i == 5 ? "bad" : std::to_string(i == 7 ? 3 : i));
    rows += "{\"i\": \"" + name + "\", \"t\": \"" + std::to_string(i) + "\"}\n";
  }
  write("a.jsonl", rows);
  const Opened setup{
      open_dataset(one_manifest("a.jsonl"), {image_field("i"), text_field("t")}, folder_),
      {&fake_, &fake_}};
  const auto epochs = [&](const LoaderConfig& config, Loading* loading) {
    const auto loader = make(setup, config);
    std::vector<std::string> batches;
    for (int64_t epoch = 0; epoch < 3; ++epoch) {
      for (auto& batch : run(*loader, epoch)) batches.push_back(std::move(batch));
    }
    *loading = loader->loading();
    return batches;
  };
  const auto counts = [](const EpochLoading& l) {
    return std::vector<int64_t>{l.epochs,         l.samples,      l.bytes,
                                l.origins.memory, l.origins.disk, l.origins.decoded};
  };
  std::vector<std::string> expected;
  for (const int64_t workers : {0, 3}) {
    auto config = config_of(4, workers);
    config.two_views.clear();
    Loading loading;
    // A sample is an i64 of either field; the bad picture's row has its text.
    using Counts = std::vector<int64_t>;
    config.cache_bytes = 0;
    const auto plain = epochs(config, &loading);
    if (expected.empty()) expected = plain;
    EXPECT_EQ(plain, expected);
    EXPECT_EQ(counts(loading.first), (Counts{1, 12, 12 * 16, 0, 0, 11}));
    EXPECT_EQ(counts(loading.later), (Counts{2, 24, 24 * 16, 0, 0, 22}));
    EXPECT_GT(loading.first.seconds, 0);
    config.cache_bytes = 1 << 20;
    EXPECT_EQ(epochs(config, &loading), expected);
    EXPECT_EQ(counts(loading.later), (Counts{2, 24, 24 * 16, 22, 0, 0}));
    for (const int64_t memory : {0, 1 << 20}) {
      config.cache_bytes = memory;
      for (const bool again : {false, true}) {
        const auto folder = folder_ / ("disk" + std::to_string(workers) + std::to_string(memory));
        config.stored = {std::make_shared<SampleStore>(folder, std::string(32, 'k'),
                                                       CacheRoom({folder}, 1 << 22),
                                                       [](const std::string&) {}),
                         nullptr};
        EXPECT_EQ(epochs(config, &loading), expected);
        EXPECT_EQ(loading.first.origins.all(), 11);
        EXPECT_EQ(loading.first.origins.memory, 0);
        // Workers side by side may both decode the files that hold the same.
        EXPECT_LE(loading.first.origins.decoded, again ? 0 : workers == 0 ? 10 : 11);
        EXPECT_EQ(counts(loading.later), (Counts{2, 24, 24 * 16, 0, 22, 0}));
      }
    }
    config.stored.clear();
  }
}

TEST(Loading, IsPutIntoWords) {
  EpochLoading loading;
  EXPECT_EQ(loading_text(loading), "nothing");
  loading = {1, 300, 25'000'000, 2, {}};
  EXPECT_EQ(loading_text(loading), "150 samples/s, 12.5 MB/s");
  loading.origins = {0, 150, 50};
  EXPECT_EQ(loading_text(loading),
            "150 samples/s, 12.5 MB/s (files: from the disk cache 75 %, decoded 25 %)");
}

TEST_F(LoaderTest, RefusesWrongArguments) {
  const auto setup = numbers(5);
  expect_error(ErrorCode::kInput, {"5 rows", "batch of 6"}, [&] { make(setup, config_of(6, 0)); });
  expect_error(ErrorCode::kInternal, {"start()"}, [&] { make(setup, config_of(2, 0))->next(); });
  expect_error(ErrorCode::kInternal, {"loader"}, [&] { make(setup, config_of(0, 0)); });
}

TEST(SampleCache, StaysWithinItsBytesAndKeepsWhatCameFirst) {
  SampleCache cache(16 * 2000);
  const PreparedValue value{{Array(DType::kU8, {600}), {}}, 1};
  size_t kept = 0;
  for (int64_t row = 0; row < 1000; ++row) cache.insert({row, 0, 0, 0}, value);
  for (int64_t row = 0; row < 1000; ++row) kept += cache.find({row, 0, 0, 0}).has_value();
  EXPECT_EQ(kept, 32u);  // 16 parts of 2000 bytes hold two entries of 1000 each
  EXPECT_FALSE(cache.find({0, 1, 0, 0}).has_value());
}

}  // namespace
}  // namespace braid::data_test
