// An autoregressive transformer decoder: from what a sample's fields became to a text.
//   p(text) = product over t of p(y_t | y_1 .. y_(t-1), sample)
// It reads the sample by cross-attention to the tokens of all fields (a field without tokens: its
// vector), or by its fused vector at the first position, or both. The first token says where a text
// begins and of which language it is.
// Sources: Vaswani et al. 2017, sec. 3; tied embeddings Press, Wolf 2017. Unit of losses: nats a
// token. At chance: log V.
//
// S samples, N rows (tokens of all texts), V tokens, D width of the shared space. In eval mode
// forward functions are pure and safe from many threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/block/decoder_layer.h"
#include "braid/block/embedding_table.h"
#include "braid/generate/generation.h"
#include "braid/head/target_facts.h"
#include "braid/space/embedding.h"

namespace braid {

struct DecoderInput {
  int64_t width = 0;                // D, of the fields' tokens
  int64_t fused_width = 0;          // of the fused vector
  std::vector<std::string> fields;  // in the recipe's order
  TargetFacts facts;                // languages and tokenizer
};

// What texts are written about.
struct Source {
  std::vector<SourceRows> layers;  // keys and values, a layer each; empty: no cross-attention
  at::Tensor first;                // [S, width] of the first position; undefined: nothing
  int64_t samples = 0;             // S
};

// Texts of samples, those of one sample side by side; what is longer than max_tokens is cut.
struct TextBatch {
  std::vector<int64_t> sample;              // [texts] rising, below S
  std::vector<int64_t> language;            // [texts]
  std::vector<std::vector<int64_t>> tokens;  // [texts], no beginning, no end
};

// What a decoder keeps of the texts it goes on with, instead of reading them again.
struct DecoderPast {
  std::vector<at::Tensor> layers;  // keys and values [n, t, 2 width]
  int64_t steps = 0;               // t
};

class Decoder : public Module {
 public:
  // Throws Error(kShape) unless heads divides width.
  Decoder(const GenerationConfig& config, const DecoderInput& input);

  // Once for all texts of the samples. `parts`: one a field, tokens of width D; fused [S, W].
  Source see(const std::vector<Embedding>& parts, const at::Tensor& fused) const;

  // Teacher forcing: the scores of what follows each beginning of each text, in their order [N, V],
  // N = sum of tokens + 1 a text. `looks`, where not null, receives one a layer.
  at::Tensor forward(const Source& source, const TextBatch& texts,
                     std::vector<LayerLook>* looks = nullptr) const;
  // [N] what should follow: the next token or, of a text that is not cut at max_tokens, the end.
  std::vector<int64_t> following(const TextBatch& texts) const;
  // 0-d: mean over rows of -log p, with the truth smoothed; differentiable.
  at::Tensor loss(const at::Tensor& scores, const std::vector<int64_t>& following) const;

  // Scores of the next token [n, V]. tokens [n]: those just written; begin(language) at first.
  // `samples`: how many of the n texts each sample has [S]. `past` grows by one step.
  at::Tensor next(const Source& source, const std::vector<int64_t>& per_sample,
                  const std::vector<int64_t>& tokens, DecoderPast& past) const;

  int64_t begin(int64_t language) const { return vocabulary_ + language; }
  int64_t end() const { return end_; }
  int64_t vocabulary() const { return vocabulary_; }  // V
  int64_t max_tokens() const { return config_.max_tokens; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  int64_t languages() const { return languages_; }
  const GenerationConfig& config() const { return config_; }
  // Floating-point operations of a text of max_tokens, of a sample with so many source tokens.
  double flops(int64_t source_tokens) const;

 private:
  at::Tensor embedded(const at::Tensor& ids, const at::Tensor& steps) const;
  at::Tensor scores(const at::Tensor& x) const;  // [N, width] -> [N, V]

  GenerationConfig config_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  int64_t vocabulary_, end_, languages_;
  std::vector<std::string> fields_;
  std::shared_ptr<EmbeddingTable> table_;     // tokens, then a beginning of each language
  at::Tensor positions_;                      // [max_tokens, width]
  std::vector<at::Tensor> field_vectors_;     // [D] of each field whose tokens are read
  std::shared_ptr<Linear> source_, prefix_;   // D -> width; W -> width
  std::shared_ptr<LayerNorm> source_norm_, prefix_norm_;
  std::vector<std::shared_ptr<DecoderLayer>> layers_;
  std::shared_ptr<LayerNorm> norm_;
  std::shared_ptr<Linear> output_;  // of untied tables
};

// Builds the decoder of a task's node. Throws Error(kConfig), with file:line:column.
std::shared_ptr<Decoder> make_generation(const ConfigNode& node, const DecoderInput& input);

}  // namespace braid
