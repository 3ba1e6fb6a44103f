// Interaction lets the modalities of one sample look at each other, before they are fused.
//
// B batch, M modalities, T_i tokens of modality i, D width of the shared space. In eval mode
// forward is pure and safe from many threads; training is one thread.
//
// What all members share:
//   tokens   A part without tokens takes part with its pooled vector as its one token, and has that
//            token from then on.
//   pooled'  = pooled + mean over the tokens of a sample of (token' - token): what the layer added.
//            So where pooled is the mean of the tokens it stays that. Where a member gives new
//            tokens (resampler), `token` is the learned query that they start from.
//   absent   Rows of absent samples are left out before anything is computed: what they hold, even
//            not-a-number, changes nothing. They come out as zeros, and without tokens.
//   norm     Members are pre-norm residual stacks without a norm at the end, so that they can be
//            stacked and start near the identity.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "braid/block/module.h"
#include "braid/core/config.h"
#include "braid/space/embedding.h"

namespace braid {

struct InteractionInput {
  int64_t width = 0;                // D
  std::vector<std::string> fields;  // [M]
};

// Attention weights of the last layer: whose tokens looked at what, "FROM->TO".
//   "image->text"              image's tokens (of a resampler: its queries) at the text's
//   "image->text+sound"        at both in one softmax: columns are the steps of text, then of sound
//   "bottleneck.image->image"  see bottleneck.cpp
struct Look {
  std::string name;
  // [B, T_from, T_to], mean over heads, before dropout, no gradient. Rows sum to 1, or to 0 where
  // there was nothing to look at and where there is no such token.
  at::Tensor weights;
};

class Interaction : public Module {
 public:
  // parts: one a field, each with tokens, pooled [B, D] and present [B]. Gives as many, of the same
  // width, tokens and pooled changed by what the others carry, present as it was: an absent
  // modality stays absent and changes nothing in the others. Layers stack in any order. `looks`,
  // where it is not null, receives the attention weights, behind what it holds; the computation
  // then takes a slower path with the same result. Throws Error(kShape).
  virtual std::vector<Embedding> forward(const std::vector<Embedding>& parts,
                                         std::vector<Look>* looks = nullptr) = 0;

  // Floating-point operations for one sample that carries everything, with so many tokens of each
  // field [M]; one each where none are given.
  double flops(const std::vector<int64_t>& tokens = {}) const;
  // How many tokens of each field leave the layer where so many come in.
  virtual std::vector<int64_t> tokens_after(std::vector<int64_t> tokens) const { return tokens; }

 protected:
  explicit Interaction(InteractionInput input)
      : width_(input.width), fields_(std::move(input.fields)) {}

  virtual double count_flops(const std::vector<int64_t>& tokens) const = 0;

  int64_t width_;                    // D
  std::vector<std::string> fields_;  // [M]
};

// Builds a layer by the `kind` of its node. Throws Error(kConfig), with file:line:column.
std::shared_ptr<Interaction> make_interaction(const ConfigNode& node,
                                              const InteractionInput& input);

}  // namespace braid
