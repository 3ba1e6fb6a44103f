// Vectors of a frozen encoder, made once: the same bits as made each time, and found again.
#include "braid/task/encode_once.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "braid/data/loader.h"
#include "braid/task/embed.h"
#include "braid/task/joint_loss.h"
#include "braid/task/tensor.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

constexpr int64_t kRoom = 64 << 20;

class EncodeOnce : public testing::Test {
 protected:
  // Field `a` is frozen; a transformer with dropout, which must not be felt.
  void open(const std::string& alignment, int64_t chunk = 0,
            const std::string& manifest = tiny_manifest()) {
    world_ = std::make_unique<TinyWorld>(
        folder_.path(),
        "alignment:\n  - {between: [a, b]" + alignment +
            "}\ntrain: {batch: 16, chunk: " + std::to_string(chunk) + "}\n",
        manifest);
    auto& field = world_->recipe.fields[0].second;
    field.frozen = true;
    field.encoder = ConfigNode::parse(
        "{kind: text_transformer, width: 16, heads: 2, depth: 1, mlp_ratio: 2, dropout: 0.5}",
        "tower.yaml");
    model_ = world_->model();
  }

  std::vector<Value> values() const {
    std::vector<Value> all;
    for (const int64_t row : world_->data->rows(""))
      all.push_back(world_->data->values(row, 0, 0).at(0));
    return all;
  }

  std::shared_ptr<const EncodedValues> encode(const std::vector<Value>& values) {
    ArrayCache cache(folder_ / "cache", kRoom);
    const auto sink = [this](const Progress& now) { stages_.insert(now.stage); };
    return encode_once(*model_, 0, *world_->modalities[0], values, key(), cache,
                       {2, sink, nullptr});
  }
  std::string key() { return key(*model_, world_->recipe.fields[0].second); }
  std::string key(Model& model, const FieldConfig& config) const {
    return encoding_key(model, 0, config, *world_->modalities[0]);
  }

  struct Outcome {
    double loss;
    std::vector<at::Tensor> gradients;
  };
  Outcome train_batch(std::shared_ptr<const EncodedValues> encoded) {
    JointLoss loss(world_->recipe, world_->pointers());
    loss.begin(*model_);
    LoaderConfig config;
    config.batch = 16;
    config.workers = 0;
    config.plain = {true, false};
    config.encoded = {std::move(encoded), nullptr};
    const auto loader =
        make_loader(*world_->data, world_->data->rows(""), world_->pointers(), config);
    loader->start(0, 0);
    model_->train(true);
    at::manual_seed(3);
    const auto value = loss.forward(*model_, *loader->next());
    value.total.backward();
    Outcome outcome{value.total.item<double>(), {}};
    for (const auto& parameter : model_->parameters()) {
      outcome.gradients.push_back(parameter.grad().clone());
      parameter.mutable_grad() = at::Tensor();
    }
    return outcome;
  }

  int64_t files() const {
    return std::distance(std::filesystem::directory_iterator(folder_ / "cache"), {});
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  std::unique_ptr<Model> model_;
  std::set<std::string> stages_;
};

class EncodedTraining : public EncodeOnce, public testing::WithParamInterface<int64_t> {};

// Sixteen texts in another order than those they were encoded among: sums of products may end in
// other bits (1e-6); nothing else differs.
TEST_P(EncodedTraining, LossAndGradientsAreThoseOfEncodingEachTime) {
  for (const char* loss : {"", ", loss: {kind: momentum_queue, length: 64}"}) {
    open(loss, GetParam());
    const auto each_time = train_batch(nullptr), once = train_batch(encode(values()));
    EXPECT_NEAR(once.loss, each_time.loss, 1e-6);
    ASSERT_EQ(once.gradients.size(), each_time.gradients.size());
    for (size_t i = 0; i < once.gradients.size(); ++i) {
      EXPECT_TRUE(at::allclose(once.gradients[i], each_time.gradients[i], 1e-5, 1e-6)) << i;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Chunks, EncodedTraining, testing::Values(0, 5));

TEST_F(EncodeOnce, EmbedsToTheSameBits) {
  open("");
  const auto all = values();
  // As encode_once takes them: 64 at a time.
  const EmbedOptions options{.batch = 64};
  const auto plain = embed_values(*model_, 0, *world_->modalities[0], all, options);
  model_->remember(0, encode(all));
  const auto known = embed_values(*model_, 0, *world_->modalities[0], all, options);
  EXPECT_TRUE(at::equal(to_tensor(plain.vectors), to_tensor(known.vectors)));
}

TEST_F(EncodeOnce, ValuesThatItDoesNotKnowStandInTheirPlace) {
  open("");
  const auto all = values();
  std::vector<Value> odd;
  for (size_t i = 1; i < all.size(); i += 2) odd.push_back(all[i]);
  const auto plain = embed_values(*model_, 0, *world_->modalities[0], all, {});
  model_->remember(0, encode(odd));
  const auto mixed = embed_values(*model_, 0, *world_->modalities[0], all, {});
  // Encoded in other company: the last bits may differ.
  EXPECT_TRUE(at::allclose(to_tensor(plain.vectors), to_tensor(mixed.vectors), 1e-5, 1e-6));
}

TEST_F(EncodeOnce, FindsItAllAgain) {
  open("");
  const auto all = values();
  const auto first = encode(all);
  EXPECT_TRUE(stages_.contains("encode"));
  stages_.clear();
  const auto second = encode(all);
  EXPECT_FALSE(stages_.contains("encode"));
  for (const auto& value : all) {
    EXPECT_TRUE(at::equal(to_tensor(first->find(value)->sample.values),
                          to_tensor(second->find(value)->sample.values)));
    EXPECT_EQ(first->find(value)->hash, value_key(as_bytes(value.text)));
  }
}

TEST_F(EncodeOnce, TheKeyFollowsWeightsAndPreprocessingAlone) {
  open("");
  const auto config = world_->recipe.fields[0].second;
  const auto before = key();
  EXPECT_EQ(key(*model_, config), before);
  EXPECT_NE(key(*world_->model(2), config), before);
  auto longer = config;
  longer.modality.put("max_tokens", ConfigNode::scalar("15"));
  EXPECT_NE(key(*model_, longer), before);
  auto seen_otherwise = config;
  seen_otherwise.modality.put("views", ConfigNode::map());
  EXPECT_EQ(key(*model_, seen_otherwise), before);
  // A tokenizer that learned from other texts.
  auto other = make_modality("text", config.modality);
  other->fit([](const ValueVisitor& visit) { visit(as_bytes("another text")); });
  EXPECT_NE(encoding_key(*model_, 0, config, *other), before);
}

std::string many_rows(int count) {
  std::string rows;
  for (int i = 0; i < count; ++i) {
    const auto n = std::to_string(i);
    rows +=
        "{\"en\": \"row " + n + "\", \"de\": \"zeile " + n + "\", \"fr\": \"ligne " + n + "\"}\n";
  }
  return rows;
}

// Counts what is prepared, and asks to stop at the `last` one.
class CountingModality final : public Modality {
 public:
  CountingModality(const Modality& inner, int last, StopFlag* stop)
      : inner_(inner), last_(last), stop_(stop) {}
  std::string_view name() const override { return inner_.name(); }
  std::string learned() const override { return inner_.learned(); }
  Sample prepare(std::span<const std::byte> bytes) const override {
    if (++prepared == last_) stop_->request();
    return inner_.prepare(bytes);
  }
  Sample augment(const Sample& sample, Rng& rng) const override {
    return inner_.augment(sample, rng);
  }
  Sample view(const Sample& sample) const override { return inner_.view(sample); }
  Sample collate(std::span<const Sample* const> views) const override {
    return inner_.collate(views);
  }
  uint64_t max_bytes() const override { return inner_.max_bytes(); }

  mutable std::atomic<int> prepared{0};

 private:
  const Modality& inner_;
  int last_;
  StopFlag* stop_;
};

TEST_F(EncodeOnce, WhatIsStoppedGoesOnFromTheLastWholeBlock) {
  open("", 0, many_rows(1200));
  ArrayCache cache(folder_ / "cache", kRoom);
  const auto encode_with = [&](const Modality& modality, const StopFlag& stop) {
    return encode_once(*model_, 0, modality, values(), key(), cache, {2, {}, &stop});
  };
  StopFlag stop, never;
  const CountingModality stopping(*world_->modalities[0], 600, &stop);
  EXPECT_EQ(error_of([&] { encode_with(stopping, stop); }),
            "interrupted: stopped while encoding; what is encoded is kept");
  EXPECT_EQ(files(), 1);  // 512 values
  const CountingModality going_on(*world_->modalities[0], 0, &never);
  const auto pieces = encode_with(going_on, never);
  EXPECT_EQ(going_on.prepared, 1200 - 512);
  std::filesystem::remove_all(folder_ / "cache");
  const auto whole = encode(values());
  for (const auto& value : values()) {
    EXPECT_TRUE(at::equal(to_tensor(pieces->find(value)->sample.values),
                          to_tensor(whole->find(value)->sample.values)));
  }
}

TEST_F(EncodeOnce, EqualValuesAreEncodedOnce) {
  open("");
  const auto all = values();
  auto twice = all;
  twice.insert(twice.end(), all.begin(), all.end());
  encode(all);
  stages_.clear();
  encode(twice);
  EXPECT_FALSE(stages_.contains("encode"));
}

TEST_F(EncodeOnce, BadValuesAreToldEachTimeAndTheRestEncoded) {
  open("");
  auto all = values();
  all.push_back({"a.txt", folder_ / "a.txt", {}});  // not there
  all.push_back({"   ", {}, {}});                   // a text of spaces
  for (int sitting = 0; sitting < 2; ++sitting) {
    const auto encoded = encode(all);
    EXPECT_TRUE(encoded->find(all[0]));
    EXPECT_THAT(error_of([&] { encoded->find(all[64]); }), HasSubstr("a.txt: no such file"));
    EXPECT_EQ(error_of([&] { encoded->find(all[65]); }),
              "input: text is empty: expected more than white space");
  }
}

TEST_F(EncodeOnce, TooLittleRoomIsToldBeforeTheWork) {
  open("");
  ArrayCache cache(folder_ / "cache", 1000);
  const auto problem = error_of([&] {
    encode_once(*model_, 0, *world_->modalities[0], values(), key(), cache, {1, {}, nullptr});
  });
  EXPECT_THAT(problem, HasSubstr("(train.disk_cache_mb)"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "cache"));
}

TEST_F(EncodeOnce, AnotherFileInItsPlaceIsRefused) {
  open("");
  encode(values());
  const auto path = std::filesystem::directory_iterator(folder_ / "cache")->path();
  TensorFile other;
  other.tensors.emplace_back("vectors", Array(DType::kF32, {3, 16}));
  write_safetensors(path, other);
  EXPECT_THAT(error_of([&] { encode(values()); }), HasSubstr("expected F32 vectors [64, 16]"));
}

}  // namespace
}  // namespace braid::test
