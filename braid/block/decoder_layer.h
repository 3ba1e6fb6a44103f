// One layer of an autoregressive transformer decoder (Vaswani et al. 2017, sec. 3.1; pre-norm):
//   x += drop(causal self-attention(norm(x)))
//   x += drop(attention of x over a source(norm(x)))     where the decoder has a source
//   x += drop(mlp(norm(x)))
// Rows of a text are adjacent, and texts of one sample stand side by side: the source of a sample is
// looked at by all of them, so that several texts of a picture cost its keys and values once.
#pragma once

#include "braid/block/linear.h"
#include "braid/block/mlp.h"
#include "braid/block/norm.h"
#include "braid/block/segments.h"
#include "braid/block/transformer.h"

namespace braid {

// What texts look at: keys and values of the samples' sources.
struct SourceRows {
  at::Tensor keys_values;  // [M, 2 D]
  Segments of_source;      // rows of each sample's source; S samples
};

// How the rows of a batch of texts looked, of one layer.
struct LayerLook {
  at::Tensor self;    // [texts, T, T] at rows of their own text, mean over heads, without gradient
  at::Tensor source;  // [S * H, T', M] at the sources, in the graph; T' the most rows of a sample
};

class DecoderLayer : public Module {
 public:
  // `cross`: has it attention over a source? Throws Error(kShape) unless heads divides width.
  DecoderLayer(const TransformerShape& shape, double drop_path, bool cross);

  // Keys and values of source rows [M, D] -> [M, 2 D].
  at::Tensor source_keys_values(const at::Tensor& source) const;

  // Whole texts: x [N, D]; `texts`: the rows of each text, `samples`: of each sample, all its texts.
  at::Tensor forward(const at::Tensor& x, const Segments& texts, const Segments& samples,
                     const SourceRows& source, LayerLook* look = nullptr) const;

  // The next row of each text: x [n, D] -> [n, D]. `past`: keys and values of the rows before, one
  // after the other [n, t, 2 D], undefined at first; grows by one.
  at::Tensor next(const at::Tensor& x, at::Tensor& past, const Segments& samples,
                  const SourceRows& source) const;

 private:
  at::Tensor branch(const at::Tensor& y, const Segments& texts) const;
  at::Tensor over_source(const at::Tensor& x, const Segments& samples, const SourceRows& source,
                         at::Tensor* weights) const;

  int64_t width_, heads_;
  double dropout_, attention_dropout_, drop_path_;
  std::shared_ptr<LayerNorm> self_norm_, cross_norm_, mlp_norm_;
  std::shared_ptr<Linear> self_input_, self_output_;                 // D -> 3 D; D -> D
  std::shared_ptr<Linear> cross_query_, cross_source_, cross_output_;  // D -> D, 2 D; D -> D
  std::shared_ptr<Mlp> mlp_;
};

}  // namespace braid
