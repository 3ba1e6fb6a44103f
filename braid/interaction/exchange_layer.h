// A layer of readers and sources: the rows of each reader look at the rows of every source that it
// reads, in one softmax, so that the sources compete and absent ones drop out; then at its own.
//   x_i += drop(W_i concat over heads of softmax(Q_i [K_j]_j^T / sqrt(d)) [V_j]_j),  j in reads(i)
//   Q_i = W_q,i norm_i(x_i);  K_j, V_j = W_kv,j norm_j(y_j)
//   x_i += drop(self_i(norm(x_i)));  x_i += drop(mlp_i(norm(x_i)))     block/transformer.h
// One reader and one source a field; weights of their own for each, so their number grows with M
// where pairs would make it grow with M^2.
#pragma once

#include "braid/interaction/layer.h"

namespace braid {

class ExchangeLayer : public Module {
 public:
  using Reads = std::vector<std::vector<size_t>>;  // [M] sources of each reader, in order

  // Layer `i` of shape.depth, of these fields.
  ExchangeLayer(const TransformerShape& shape, int64_t i, std::vector<std::string> fields,
                Reads reads);

  // readers, sources [M] -> the new rows of the readers. They may be the same tokens.
  std::vector<at::Tensor> forward(const std::vector<Tokens>& readers,
                                  const std::vector<Tokens>& sources,
                                  std::vector<Look>* looks) const;

  // Of one sample whose readers and sources have so many tokens.
  double flops(const std::vector<int64_t>& readers, const std::vector<int64_t>& sources) const;

 private:
  struct Reader {
    std::shared_ptr<LayerNorm> norm;
    std::shared_ptr<Linear> query, output;  // D -> D
    std::shared_ptr<TransformerBlock> own;
  };
  struct Source {
    std::shared_ptr<LayerNorm> norm;
    std::shared_ptr<Linear> key_value;  // D -> 2 D
  };

  TransformerShape shape_;
  Residual residual_;
  std::vector<std::string> fields_;
  Reads reads_;
  std::vector<Reader> readers_;
  std::vector<Source> sources_;
};

}  // namespace braid
