#include "braid/data/encoded_values.h"

#include <gmock/gmock.h>

#include <array>

#include "data_test.h"
#include "tests/scratch.h"

namespace braid::data_test {
namespace {

using testing::ElementsAre;

std::vector<float> floats(const Array& array) {
  const auto values = array.values<float>();
  return {values.begin(), values.end()};
}

Array block_of(std::vector<float> values, int64_t width) {
  const auto rows = static_cast<int64_t>(values.size()) / width;
  return Array::of<float>({rows, width}, values);
}

TEST(EncodedValues, FindsAValueByWhereItLies) {
  EncodedValues encoded(2);
  const auto first = encoded.add_block(block_of({1, 2, 3, 4}, 2));
  const auto second = encoded.add_block(block_of({5, 6}, 2));
  const Value text{"a.jpg", {}, {}}, file{"a.jpg", "/x/a.jpg", {}}, member{"", "/x/t.tar", "a.jpg"};
  encoded.add(text, 11, first, 0);
  encoded.add(file, 12, first, 1);
  encoded.add(member, 13, second, 0);
  EXPECT_THAT(floats(encoded.find(text)->sample.values), ElementsAre(1, 2));
  EXPECT_THAT(floats(encoded.find(file)->sample.values), ElementsAre(3, 4));
  EXPECT_THAT(floats(encoded.find({"other words", "/x/a.jpg", {}})->sample.values),
              ElementsAre(3, 4));  // the same file under another name
  EXPECT_THAT(floats(encoded.find(member)->sample.values), ElementsAre(5, 6));
  EXPECT_EQ(encoded.find(member)->hash, 13u);
  EXPECT_FALSE(encoded.find({"", "/x/t.tar", "b.jpg"}));
  EXPECT_FALSE(encoded.find({"b", {}, {}}));
}

TEST(EncodedValues, ThrowsWhatIsWrongWithABadValue) {
  EncodedValues encoded(2);
  encoded.add_bad({"a.jpg", "/x/a.jpg", {}}, "a.jpg: JPEG ends after 3 bytes");
  EXPECT_EQ(error_of([&] {
              encoded.find({"a.jpg", "/x/a.jpg", {}});
            }),
            "input: a.jpg: JPEG ends after 3 bytes");
}

TEST(EncodedValues, BatchesHaveZerosWhereAValueIsMissing) {
  EncodedValues encoded(2);
  const auto block = encoded.add_block(block_of({1, 2, 3, 4}, 2));
  encoded.add({"a", {}, {}}, 1, block, 1);
  const auto known = encoded.find({"a", {}, {}});
  const std::array<const Sample*, 3> vectors = {&known->sample, nullptr, &known->sample};
  const auto batch = encoded.collate(vectors);
  EXPECT_EQ(batch.values.shape(), (std::vector<int64_t>{3, 2}));
  EXPECT_THAT(floats(batch.values), ElementsAre(3, 4, 0, 0, 3, 4));
  EXPECT_TRUE(batch.mask.empty());
}

// Field `image` names files that are not there: nobody asks for them.
class EncodedLoader : public DataTest {
 protected:
  void SetUp() override {
    DataTest::SetUp();
    write("a.jsonl", R"({"image": "0.png", "text": "0"}
{"image": "1.png", "text": "1"}
{"image": null, "text": "2"}
{"image": "bad.png", "text": "3"}
{"image": "4.png", "text": "4"}
)");
    data_ =
        open_dataset(one_manifest("a.jsonl"), {image_field("image"), text_field("text")}, folder_);
    auto encoded = std::make_shared<EncodedValues>(1);
    const auto block = encoded->add_block(block_of({10, 11, 14}, 1));
    for (const auto& [row, at] : {std::pair{0, 0}, {1, 1}, {4, 2}})
      encoded->add(data_->values(row, 0, 0)[0], 100 + static_cast<uint64_t>(row), block, at);
    encoded->add_bad(data_->values(3, 0, 0)[0], "bad.png: is no picture");
    config_.encoded = {encoded, nullptr};
    config_.batch = 5;
    config_.workers = 0;
    config_.max_bad = 1;
  }

  FakeModality fake_;
  std::unique_ptr<Dataset> data_;
  LoaderConfig config_;
};

TEST_F(EncodedLoader, GivesVectorsInPlaceOfTheFiles) {
  config_.shuffle = false;
  const auto loader = make_loader(*data_, data_->rows(""), {&fake_, &fake_}, config_);
  loader->start(0, 0);
  const auto batch = loader->next();
  EXPECT_THAT(batch->rows, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_TRUE(batch->fields[0].encoded);
  EXPECT_FALSE(batch->fields[1].encoded);
  const auto& slot = batch->fields[0].slots[0];
  EXPECT_THAT(floats(slot.batch.values), ElementsAre(10, 11, 0, 0, 14));
  EXPECT_THAT(slot.present, ElementsAre(1, 1, 0, 0, 1));
  EXPECT_THAT(slot.value_key, ElementsAre(100, 101, 0, 0, 104));
  ASSERT_EQ(loader->bad().size(), 1u);
  EXPECT_EQ(loader->bad()[0].message, "image: bad.png: is no picture");
}

TEST_F(EncodedLoader, AValueThatWasNotEncodedIsAFaultOfOurs) {
  config_.encoded[0] = std::make_shared<EncodedValues>(1);
  const auto loader = make_loader(*data_, data_->rows(""), {&fake_, &fake_}, config_);
  loader->start(0, 0);
  EXPECT_THROW(loader->next(), Error);
}

TEST_F(EncodedLoader, PlainFieldsAreNotAugmented) {
  config_.encoded.clear();
  write("b.jsonl", "{\"a\": \"1\", \"b\": \"1\"}\n{\"a\": \"2\", \"b\": \"2\"}\n");
  const auto data =
      open_dataset(one_manifest("b.jsonl"), {text_field("a"), text_field("b")}, folder_);
  config_.batch = 2;
  const auto values = [&](std::vector<bool> plain, size_t field) {
    config_.plain = std::move(plain);
    const auto loader = make_loader(*data, data->rows(""), {&fake_, &fake_}, config_);
    loader->start(0, 0);
    const auto batch = loader->next();
    const auto all = batch->fields[field].slots[0].batch.values.values<int64_t>();
    return std::vector<int64_t>(all.begin(), all.end());
  };
  EXPECT_NE(values({false, true}, 0), values({true, true}, 0));
  EXPECT_EQ(values({false, true}, 1), values({true, true}, 0));
}

}  // namespace
}  // namespace braid::data_test
