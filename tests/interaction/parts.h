// Parts of a small batch, with every way in which something can be missing.
#pragma once

#include <utility>
#include <vector>

#include <torch/types.h>

#include "braid/interaction/interaction.h"

namespace braid {

inline const std::vector<std::string> kFields = {"image", "text", "sound"};
constexpr int64_t kBatch = 5, kPartWidth = 8;

// image: padded, 3 tokens each; text: rows of 0 to 4 tokens, with a hole; sound: padded, 2 each.
//   sample   0  1  2  3  4
//   image    x  x  .  x  .
//   text     x  x  x  .  .
//   sound    x  .  x  .  .
inline std::vector<Embedding> sample_parts(at::ScalarType type = at::kFloat, uint64_t seed = 3) {
  const auto generator = at::detail::createCPUGenerator(seed);
  const auto present = [](std::vector<int64_t> flags) { return at::tensor(flags).to(at::kBool); };
  const auto draw = [&](at::IntArrayRef shape) { return at::randn(shape, generator).to(type); };
  std::vector<Embedding> parts(3);
  parts[0].present = present({1, 1, 0, 1, 0});
  parts[1].present = present({1, 1, 1, 0, 0});
  parts[2].present = present({1, 0, 1, 0, 0});
  for (auto& part : parts)
    part.pooled = draw({kBatch, kPartWidth}) * part.present.unsqueeze(1);
  for (const auto& [i, steps] : {std::pair{0, 3}, {2, 2}}) {
    parts[i].tokens = {draw({kBatch, steps, kPartWidth}) * parts[i].present.view({kBatch, 1, 1}),
                       Segments::uniform(kBatch, steps)};
  }
  auto mask = at::zeros({kBatch, 4}, at::kBool);
  mask[0].fill_(true), mask[0][1] = false;
  mask[1].slice(0, 0, 2).fill_(true);
  mask[2][0] = true;
  const auto segments = Segments::of_mask(mask);
  parts[1].tokens = {draw({segments.rows(), kPartWidth}), segments};
  return parts;
}

inline Embedding picked(const Embedding& part, const at::Tensor& samples) {
  Embedding out{{}, part.pooled.index_select(0, samples), part.present.index_select(0, samples)};
  if (!part.tokens.defined()) return out;
  const auto padded = part.tokens.padded().index_select(0, samples);
  if (!part.tokens.mask().defined()) {
    out.tokens = {padded, Segments::uniform(samples.size(0), padded.size(1))};
  } else {
    const auto segments = Segments::of_mask(part.tokens.mask().index_select(0, samples));
    out.tokens = {segments.pack(padded), segments};
  }
  return out;
}

inline std::vector<Embedding> picked(const std::vector<Embedding>& parts,
                                     const at::Tensor& samples) {
  std::vector<Embedding> out;
  for (const auto& part : parts) out.push_back(picked(part, samples));
  return out;
}

}  // namespace braid
