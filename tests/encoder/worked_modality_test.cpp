// The modality that HACKING.md shows: its text is compiled as it stands there (tests/CMakeLists.txt).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/encoder/encoder.h"
#include "braid/modality/member.h"

namespace braid {

ModalityMember member_pulse();  // as the line of all.def declares it

namespace {

std::unique_ptr<Modality> pulse(const std::string& keys = "{}") {
  return member_pulse().make(ConfigNode::parse(keys, "r.yaml"));
}

Sample prepared(const Modality& modality, const std::string& text) {
  return modality.prepare(as_bytes(text));
}

TEST(WorkedModality, PausesBecomeRatesAndMoments) {
  const auto sample = prepared(*pulse(), "500 250\n1000");
  EXPECT_EQ(sample.values.shape(), (std::vector<int64_t>{3, 3}));
  // 1 / 0.5 s, there, after 0 s; 1 / 0.25 s, there, after 0.5 s; 1 / 1 s, there, after 0.75 s
  EXPECT_THAT(sample.values.values<float>(), testing::ElementsAre(2, 1, 0, 4, 1, 0.5, 1, 1, 0.75));
}

TEST(WorkedModality, WhatIsNoHeartBeatIsRefusedByName) {
  for (const char* text : {"", " ", "fast", "500 12", "500 nan", "9000", "5e2x"})
    EXPECT_THROW(prepared(*pulse(), text), Error) << text;
  try {
    prepared(*pulse(), "500 12");
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("got '12'"));
  }
}

TEST(WorkedModality, KeysAreCheckedAndItsLineCarriesItsDocs) {
  EXPECT_THROW(pulse("{max_beats: 0}"), Error);
  EXPECT_THROW(pulse("{max_beat: 3}"), Error);
  EXPECT_EQ(member_pulse().keys().at(0).name, "max_beats");
  EXPECT_EQ(member_pulse().complete(ConfigNode::map()).find("max_beats")->text(), "256");
  EXPECT_EQ(member_pulse().cells, Cells::kValues);
}

TEST(WorkedModality, ViewsDrawFromTheGeneratorAlone) {
  const auto modality = pulse("{noise: 0.1}");
  const auto sample = prepared(*modality, "500 250");
  const auto drawn = [&](uint64_t seed) {
    Rng rng(seed);
    const auto values = modality->augment(sample, rng).values;
    const auto all = values.values<float>();
    return std::vector<float>(all.begin(), all.end());
  };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
  EXPECT_EQ(drawn(1)[1], 1);  // only rates change
}

TEST(WorkedModality, AnEncoderOfSeriesReadsItsBatches) {
  const auto modality = pulse("{max_beats: 2}");
  const auto a = modality->view(prepared(*modality, "500")),
             b = modality->view(prepared(*modality, "500 250 1000"));
  const std::vector<const Sample*> views = {&a, nullptr, &b};
  auto batch = modality->collate(views);
  EXPECT_EQ(batch.values.shape(), (std::vector<int64_t>{3, 2, 3}));  // cut to two beats
  EXPECT_THAT(batch.mask.values<bool>(), testing::ElementsAre(true, false, false, false, true, true));

  at::manual_seed(0);
  const EncoderInput input{std::string(modality->form()), modality->facts()};
  const auto encoder = make_encoder(
      ConfigNode::parse("{kind: series_transformer, width: 8, depth: 1, heads: 2}", "r.yaml"), input);
  encoder->eval();
  const auto values = at::from_blob(batch.values.mutable_bytes(), {3, 2, 3}, at::kFloat).clone();
  const auto mask = at::tensor({1, 0, 0, 0, 1, 1}, at::kLong).to(at::kBool).view({3, 2});
  const auto pooled = encoder->encode(values, mask).pooled;
  EXPECT_TRUE(pooled.isfinite().all().item<bool>());
  EXPECT_FALSE(at::allclose(pooled[0], pooled[2]));
}

}  // namespace
}  // namespace braid
