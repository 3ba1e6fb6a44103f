// Says what is said: each token of one field names a token of the text, or that nothing new is said
// (a blank). Connectionist temporal classification, Graves et al. 2006:
//
//   p(text) = sum over all paths that read as the text of product over t of p(path_t | sample)
//
// where a path reads as what is left of it without repeats and then without blanks: a a - a b reads
// as a a b. A text of n tokens, r of which are as the one before, needs n + r tokens of the field.
// Unit of losses: nats a token of the text.
//
// S samples, N rows (tokens of the field, of all samples), V tokens of texts, D width of the space.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/block/linear.h"
#include "braid/generate/transcription.h"
#include "braid/generate/write.h"

namespace braid {

class Transcriber : public Module {
 public:
  Transcriber(const TranscriptionConfig& config, const DecoderInput& input);

  // `parts`: one a field, tokens of width D. Out: [N, 1 + V] scores of the blank, then of tokens.
  // Throws Error(kShape) where the field's encoder made no tokens.
  Tokens hear(const std::vector<Embedding>& parts) const;

  struct Loss {
    at::Tensor value;       // 0-d, differentiable; undefined where no text fits
    double accuracy = 0;    // share of the texts that fit whose best path reads as them
    int64_t too_long = 0;   // texts left out: more tokens than the field has for them
  };
  Loss loss(const Tokens& heard, const TextBatch& texts) const;

  // For each sample what the most probable path reads as, with that path's log probability.
  std::vector<WrittenText> read(const Tokens& heard) const;

  size_t place() const { return place_; }  // of the field among the parts
  double flops(int64_t tokens) const;  // of a sample with so many

 private:
  std::string field_;
  size_t place_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::shared_ptr<LayerNorm> norm_;
  std::shared_ptr<Linear> output_;
};

// What a path of tokens (0 = blank, k = token k - 1) reads as.
std::vector<int64_t> read_path(const std::vector<int64_t>& path);

// Builds the transcriber of a task's node. Throws Error(kConfig), with file:line:column.
std::shared_ptr<Transcriber> make_transcription(const ConfigNode& node, const DecoderInput& input);

}  // namespace braid
