// A small decoder, samples for it to write about, and how tests look at what it says.
#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "braid/generate/decoder.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid::generate_test {

constexpr int64_t kSpaceWidth = 6, kFusedWidth = 5, kSamples = 5, kMaxTokens = 6;
constexpr int64_t kNoToken = 3;  // carries field a, of which no token is real
constexpr int64_t kNoField = 4;  // carries no field

inline std::shared_ptr<const Tokenizer> small_tokenizer() {
  static const std::shared_ptr<const Tokenizer> tokenizer = train_bpe(
      [](const TextVisitor& visit) {
        for (const char* text : {"ein hund rennt", "ein hund liegt", "a dog runs", "a dog lies"})
          visit(text);
      },
      {300, true, 2});
  return tokenizer;
}

// Two languages, two fields. `more`: further keys, ", depth: 1". Weights are large enough for every
// part to be felt, and for two tokens hardly ever to be as good as each other.
inline std::shared_ptr<Decoder> small_decoder(const std::string& more = "", uint64_t seed = 5,
                                              int64_t max_tokens = kMaxTokens) {
  TargetFacts facts;
  facts.languages = {"de", "en"};
  facts.usual = {"", ""};
  facts.tokenizer = small_tokenizer();
  at::manual_seed(seed);
  const auto node =
      ConfigNode::parse("{kind: generation, target: t, width: 8, depth: 2, heads: 2, max_tokens: " +
                            std::to_string(max_tokens) + more + "}",
                        "r.yaml");
  auto decoder = make_generation(node, {kSpaceWidth, kFusedWidth, {"a", "b"}, facts});
  decoder->eval();
  const at::NoGradGuard no_grad;
  for (const auto& parameter : decoder->parameters())
    parameter.add_(at::randn_like(parameter) * 0.4);
  return decoder;
}

inline at::Tensor flags(std::vector<int64_t> values) {
  return at::tensor(values, at::kLong).to(at::kBool);
}

// Field a has tokens, 3 (with a hole), 1, none, none, none; field b is a vector. `garbage` is what
// rows of absent samples and steps that are no token hold.
inline std::vector<Embedding> small_parts(double garbage = 0, at::ScalarType type = at::kFloat,
                                          uint64_t seed = 3) {
  const auto generator = at::detail::createCPUGenerator(seed);
  const auto mask = flags({1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
                        .view({kSamples, 4});
  const auto a_there = flags({1, 1, 0, 1, 0}), b_there = flags({1, 0, 1, 0, 0});
  const auto draw = [&](std::vector<int64_t> shape) { return at::randn(shape, generator, type); };
  const auto tokens = draw({kSamples, 4, kSpaceWidth})
                          .masked_fill(mask.logical_not().unsqueeze(2), garbage);
  const auto hidden = [&](const at::Tensor& x, const at::Tensor& there) {
    return x.masked_fill(there.logical_not().unsqueeze(1), garbage);
  };
  const auto a = hidden(draw({kSamples, kSpaceWidth}), a_there);
  const auto b = hidden(draw({kSamples, kSpaceWidth}), b_there);
  return {{{tokens, Segments::of_mask(mask)}, a, a_there}, {{}, b, b_there}};
}

// Zeros for the sample without a field, as fusions give.
inline at::Tensor small_fused(at::ScalarType type = at::kFloat, uint64_t seed = 4) {
  auto fused = at::randn({kSamples, kFusedWidth}, at::detail::createCPUGenerator(seed), type);
  fused[kNoField].zero_();
  return fused;
}

// Two texts of the first sample, in both languages, one of which says nothing; none cut.
inline TextBatch small_texts() {
  return {{0, 0, 1, 2, 2, 3, 4},
          {0, 1, 0, 0, 1, 1, 0},
          {{10, 20, 30}, {}, {5}, {7, 8, 9, 10, 11}, {250, 7}, {40, 41}, {9, 9, 9}}};
}

// Row of the scores where each text begins.
inline std::vector<int64_t> first_rows(const TextBatch& texts, int64_t max_tokens = kMaxTokens) {
  std::vector<int64_t> first = {0};
  for (const auto& own : texts.tokens)
    first.push_back(first.back() + std::min<int64_t>(std::ssize(own) + 1, max_tokens));
  return first;
}

inline at::Tensor scores_of(const Decoder& decoder, const std::vector<Embedding>& parts,
                            const at::Tensor& fused, const TextBatch& texts = small_texts()) {
  return decoder.forward(decoder.see(parts, fused), texts);
}

inline double largest_change(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace braid::generate_test
