// The half of a model behind its fields: they look at each other (interaction), become one vector
// (fusion), and heads or decoders answer the tasks of
// the recipe.
//
// B batch, M fields, D width of the shared space, W width of the fused vector.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "braid/block/linear.h"
#include "braid/fusion/fusion.h"
#include "braid/generate/decoder.h"
#include "braid/generate/transcriber.h"
#include "braid/head/head.h"
#include "braid/interaction/interaction.h"
#include "braid/recipe/recipe.h"

namespace braid {

// The fused vector, and what the fields were before they became it: they had looked at each other.
struct Joined : Fused {
  std::vector<Embedding> parts;  // a field each; tokens of width D
};

class Joint : public Module {
 public:
  // `token_widths`: [M], of the tokens that the fields' encoders make. `facts`: one a task. Throws
  // Error(kConfig).
  Joint(const Recipe& recipe, const std::vector<int64_t>& token_widths,
        const std::vector<TargetFacts>& facts);

  // Must the parts come with tokens?
  bool reads_tokens() const { return reads_tokens_; }
  // Who asks for them: "fusion feature_concat"; "" for nobody.
  const std::string& token_reader() const { return token_reader_; }
  // Tokens as the field's encoder made them, in the shared width.
  Tokens project_tokens(size_t field, const Tokens& tokens) const;

  // parts: one a field, in order; pooled rows of absent samples are zeros. `looks`, where not null,
  // receives how fields looked at each other, named "0.image->text" for the first interaction.
  Joined fuse(std::vector<Embedding> parts, std::vector<Look>* looks = nullptr);

  // The two fields of a task of kind matching.
  const std::optional<std::pair<size_t, size_t>>& matched(size_t task) const {
    return matched_.at(task);
  }

  // Who answers a task: a head, of kind generation a decoder, of kind transcription a transcriber.
  Head& head(size_t task) { return *heads_.at(task); }
  const Head& head(size_t task) const { return *heads_.at(task); }
  const Decoder* decoder(size_t task) const { return decoders_.at(task).get(); }  // or nullptr
  const Transcriber* transcriber(size_t task) const { return transcribers_.at(task).get(); }
  size_t tasks() const { return heads_.size(); }
  size_t interactions() const { return interaction_.size(); }
  int64_t width() const { return width_; }  // W
  // Floating-point operations of one sample that carries everything, with so many tokens of each
  // field [M] as its encoder makes: 0 where it makes none, so that its vector is the one token.
  double flops(std::vector<int64_t> tokens = {}) const;

 private:
  bool reads_tokens_ = false;
  std::string token_reader_;
  std::vector<int64_t> token_widths_;    // [M]
  int64_t shared_width_;                 // D
  int64_t width_;
  std::vector<std::shared_ptr<Linear>> tokens_;  // a field each; none where tokens are not read
  std::vector<std::shared_ptr<Interaction>> interaction_;
  std::shared_ptr<Fusion> fusion_;  // nullptr: the one field's vector is the fused one
  std::vector<std::shared_ptr<Head>> heads_;        // a task each, or nullptr
  std::vector<std::shared_ptr<Decoder>> decoders_;  // likewise
  std::vector<std::shared_ptr<Transcriber>> transcribers_;
  std::vector<std::optional<std::pair<size_t, size_t>>> matched_;  // a task each
};

}  // namespace braid
