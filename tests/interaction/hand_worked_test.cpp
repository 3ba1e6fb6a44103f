// Each interaction with weights of 0 and 1, so that the result can be worked by hand. Width 2: a
// layer norm of [a, b] is [1, -1] where a > b and [-1, 1] where a < b.
#include <gtest/gtest.h>

#include <cmath>

#include <torch/types.h>

#include "braid/interaction/interaction.h"

namespace braid {
namespace {

// The norm's epsilon, 1e-5 beside a variance of 0.01 or more.
constexpr double kTolerance = 2e-3;

void expect_values(const at::Tensor& got, std::vector<float> want) {
  const auto wanted = at::tensor(want).view(got.sizes());
  EXPECT_LE((got - wanted).abs().max().item<double>(), kTolerance) << got << wanted;
}

at::Tensor rows(std::vector<float> values) {
  return at::tensor(values).view({-1, 2});
}

Embedding part(const at::Tensor& tokens, int64_t batch, bool present = true) {
  const auto steps = tokens.size(0) / batch;
  return {{tokens, Segments::uniform(batch, steps)},
          at::tensor({10.f, 20.f}).expand({batch, 2}),
          at::full({batch}, present, at::kBool)};
}

struct Made {
  std::shared_ptr<Interaction> interaction;
  // The parameter of this name.
  at::Tensor operator[](const std::string& name) const {
    for (auto& [other, tensor] : interaction->named_parameters()) {
      if (other == name) return tensor;
    }
    ADD_FAILURE() << "no parameter " << name;
    return at::zeros({1});
  }
};

// Scales of norms are 1, everything else 0.
Made make_blank(const std::string& yaml, const std::vector<std::string>& fields) {
  Made made{make_interaction(ConfigNode::parse("{heads: 1, dropout: 0, " + yaml + "}"),
                             {2, fields})};
  const at::NoGradGuard no_grad;
  for (auto& [name, tensor] : made.interaction->named_parameters()) {
    const bool scale = name.ends_with("norm.weight");
    auto place = tensor;
    place.fill_(scale ? 1 : 0);
  }
  return made;
}

// Values and output of an attention pass rows on as they are, `scale` times; all keys weigh alike.
void pass_on(at::Tensor values, at::Tensor output, double scale = 1) {
  const at::NoGradGuard no_grad;
  values.slice(0, values.size(0) - 2).copy_(at::eye(2));
  output.copy_(at::eye(2) * scale);
}

TEST(CrossAttention, AddsWhatEachPairSees) {
  const auto made = make_blank("kind: cross_attention", {"image", "text", "sound"});
  const std::string text = "0.image.from_text.attention.", sound = "0.image.from_sound.attention.";
  pass_on(made[text + "source.weight"], made[text + "output.weight"]);
  pass_on(made[sound + "source.weight"], made[sound + "output.weight"], 10);
  {
    // Query s [1, -1], keys [-1, 1] and [1, -1]: scores -2 s / sqrt(2) and 2 s / sqrt(2); they
    // differ by ln 3, so the weights are 1/4 and 3/4.
    const at::NoGradGuard no_grad;
    const double s = std::log(3.0) * std::sqrt(2.0) / 4;
    made[text + "query.weight"].copy_(at::eye(2) * s);
    made[text + "source.weight"].slice(0, 0, 2).copy_(at::eye(2));
  }
  const auto image = part(rows({3, 1}), 1), words = part(rows({0, 2, 5, 1}), 1);
  std::vector<Look> looks;
  auto out = made.interaction->forward({image, words, part(rows({7, 8}), 1, false)}, &looks);
  // 1/4 [-1, 1] + 3/4 [1, -1] = [0.5, -0.5]; no sound.
  expect_values(out[0].tokens.padded(), {3.5, 0.5});
  expect_values(out[0].pooled, {10.5, 19.5});
  expect_values(out[1].tokens.padded(), {0, 2, 5, 1});
  ASSERT_EQ(looks.size(), 6u);
  EXPECT_EQ(looks[0].name, "image->text");
  EXPECT_EQ(looks[1].name, "image->sound");
  EXPECT_EQ(looks[5].name, "sound->text");
  expect_values(looks[0].weights, {0.25, 0.75});
  expect_values(looks[1].weights, {0});
  expect_values(looks[2].weights, {1, 1});  // text->image: two tokens at one

  out = made.interaction->forward({image, words, part(rows({7, 8}), 1)});
  expect_values(out[0].tokens.padded(), {3.5 - 10, 0.5 + 10});  // and 10 [-1, 1]
}

TEST(CrossAttention, LooksAtTheTokensFromBeforeTheFirstLayer) {
  const auto made = make_blank("kind: cross_attention, depth: 2", {"image", "text"});
  for (const std::string layer : {"0", "1"}) {
    for (const std::string pair : {".image.from_text.", ".text.from_image."}) {
      pass_on(made[layer + pair + "attention.source.weight"],
              made[layer + pair + "attention.output.weight"], 5);
    }
  }
  const auto out = made.interaction->forward({part(rows({3, 1}), 1), part(rows({1, 2}), 1)});
  // Text becomes [6, -3] in the first layer, but is looked at as [1, 2] in the second too.
  expect_values(out[0].tokens.padded(), {3 - 10, 1 + 10});
  expect_values(out[1].tokens.padded(), {1 + 10, 2 - 10});
}

TEST(CoAttention, LooksAtAllOthersInOneSoftmaxInParallel) {
  const auto made = make_blank("kind: co_attention, depth: 2", {"image", "text", "sound"});
  for (const std::string layer : {"0.", "1."}) {
    for (const std::string field : {"image", "text", "sound"}) {
      const at::NoGradGuard no_grad;
      made[layer + "source_" + field + ".key_value.weight"].slice(0, 2).copy_(at::eye(2));
      made[layer + "reader_" + field + ".output.weight"].copy_(at::eye(2) * 3);
    }
  }
  std::vector<Look> looks;
  const auto out = made.interaction->forward(
      {part(rows({3, 1}), 1), part(rows({1, 2, 5, 4}), 1), part(rows({2, 1}), 1)}, &looks);
  // First layer, means of norms times 3: image sees [-1, 1], [1, -1], [1, -1]; text sees two
  // [1, -1], as its own tokens are not among them; sound sees [1, -1], [-1, 1], [1, -1]:
  //   image [4, 0], text [4, -1] and [8, 1], sound [3, 0]: all norms are [1, -1] now.
  expect_values(out[0].tokens.padded(), {4 + 3, 0 - 3});
  expect_values(out[1].tokens.padded(), {4 + 3, -1 - 3, 8 + 3, 1 - 3});
  expect_values(out[2].tokens.padded(), {3 + 3, 0 - 3});
  expect_values(out[1].pooled, {16, 14});
  ASSERT_EQ(looks.size(), 3u);
  EXPECT_EQ(looks[0].name, "image->text+sound");
  const float third = 1.f / 3;
  expect_values(looks[0].weights, {third, third, third});
}

TEST(CoAttention, LooksAtItselfAfterTheOthers) {
  const auto made = make_blank("kind: co_attention", {"image", "text"});
  const std::string own = "0.reader_image.self.attention.";
  pass_on(made[own + "input.weight"], made[own + "output.weight"]);
  const auto out =
      made.interaction->forward({part(rows({3, 1, 5, 1, 2, 7}), 1), part(rows({1, 2}), 1)});
  const float third = 1.f / 3;  // mean of [1, -1], [1, -1], [-1, 1]
  expect_values(out[0].tokens.padded(),
              {3 + third, 1 - third, 5 + third, 1 - third, 2 + third, 7 - third});
}

// Two samples; the second has no text.
TEST(Bottleneck, CarriesTheMeanOfThePresentToTheNextLayer) {
  const auto made = make_blank("kind: bottleneck, tokens: 1", {"image", "text"});
  for (const std::string layer : {"0.", "1."}) {
    for (const std::string field : {"image", "text"}) {
      const std::string block = layer + field + ".attention.";
      pass_on(made[block + "input.weight"], made[block + "output.weight"],
              field == "text" ? 9 : 1);
    }
  }
  {
    const at::NoGradGuard no_grad;
    made["bottleneck"].copy_(rows({0.5, -0.5}));
  }
  auto text = part(rows({0, 2, 0, 2, 0, 2, 0, 2}), 2);
  text.present[1] = false;
  std::vector<Look> looks;
  const auto out = made.interaction->forward({part(rows({3, 1, 3, 1}), 2), text}, &looks);
  // First layer. image sees [1, -1] twice: [4, 0] and a bottleneck of [1.5, -1.5]. text sees
  // [-1, 1], [-1, 1], [1, -1], 9 times the mean is [-3, 3]: tokens [-3, 5], bottleneck [-2.5, 2.5].
  // The mean of the bottlenecks is [-0.5, 0.5]; without text, [1.5, -1.5].
  // Second layer: image sees [1, -1] and [-1, 1], nothing; without text [1, -1] once more.
  expect_values(out[0].tokens.padded(), {4, 0, 5, -1});
  expect_values(out[0].pooled, {11, 19, 12, 18});
  // text sees [-1, 1] three times, 9 times that.
  expect_values(out[1].tokens.padded(), {-12, 14, -12, 14, 0, 0, 0, 0});
  ASSERT_EQ(looks.size(), 4u);
  EXPECT_EQ(looks[0].name, "image->image+bottleneck");
  EXPECT_EQ(looks[3].name, "bottleneck.text->text+bottleneck");
  expect_values(looks[1].weights, {0.5, 0.5, 0.5, 0.5});
  const float third = 1.f / 3;
  expect_values(looks[3].weights, {third, third, third, 0, 0, 0});
}

TEST(Resampler, QueriesTakeThePlaceOfTokens) {
  for (const bool all : {true, false}) {
    const auto made = make_blank("kind: resampler, tokens: 2, depth: 1, reads: " +
                                     std::string(all ? "all" : "own"),
                                 {"image", "text"});
    const at::NoGradGuard no_grad;
    made["queries_image"].copy_(rows({1, 0, 0, 4}));
    for (const std::string field : {"image", "text"}) {
      made["0.source_" + field + ".key_value.weight"].slice(0, 2).copy_(at::eye(2));
      made["0.reader_" + field + ".output.weight"].copy_(at::eye(2));
    }
    std::vector<Look> looks;
    const auto out = made.interaction->forward(
        {part(rows({3, 1, 5, 1, 7, 1}), 1), part(rows({1, 2}), 1)}, &looks);
    // Own tokens are [1, -1] thrice; with the text's [-1, 1] the mean is [0.5, -0.5].
    const float seen = all ? 0.5 : 1;
    expect_values(out[0].tokens.padded(), {1 + seen, -seen, seen, 4 - seen});
    expect_values(out[0].pooled, {10 + seen, 20 - seen});
    EXPECT_EQ(looks[0].name, all ? "image->image+text" : "image->image");
    EXPECT_EQ(looks[0].weights.size(1), 2);
  }
}

// D = 2, MLP 8 wide; a linear map of a token costs 2 in out, scores and sums 4 D a pair of tokens.
TEST(Interaction, CountsItsOperations) {
  const auto flops = [](const std::string& yaml) {
    return make_blank(yaml, {"a", "b"}).interaction->flops({3, 5});
  };
  const double map = 2 * 2 * 2, mlp = 2 * (2 * 8 + 8 * 2), pair = 4 * 2;
  const auto block = [&](double t) { return t * (4 * map + mlp) + pair * t * t; };
  EXPECT_EQ(flops("kind: cross_attention"),
            8 * (4 * map + mlp) + 2 * pair * 3 * 5);  // queries, outputs; keys, values
  EXPECT_EQ(flops("kind: co_attention"), 8 * 4 * map + 2 * pair * 15 + block(3) + block(5));
  EXPECT_EQ(flops("kind: bottleneck, tokens: 2"), 2 * (block(5) + block(7)));
  EXPECT_EQ(flops("kind: resampler, tokens: 2, depth: 1, reads: own"),
            4 * 2 * map + 8 * 2 * map + pair * 2 * 8 + 2 * block(2));
}

}  // namespace
}  // namespace braid
