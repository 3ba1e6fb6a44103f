// The vectors of a sample's values, joined into one: a sample may have any number of values.
//   z = sum_i a_i x_i
//   attention: a = softmax over the sample's values of s_i = w . tanh(V x_i + b)
//   mean:      a_i = 1 / n
// Source: Ilse, Tomczak, Welling 2018 (Attention-based deep multiple instance learning), eq. 7-8;
// the bias b is ours. The weights sum to 1 and x lies in the shared space, so z does too, and a
// lone value keeps its own vector.
#pragma once

#include <vector>

#include "braid/block/linear.h"
#include "braid/space/embedding.h"
#include "braid/space/value_pooling_config.h"

namespace braid {

struct PooledValues {
  at::Tensor vectors;  // [B, D]; zeros for a sample without values
  at::Tensor weights;  // [N] a_i
};

// The tokens of a sample's values, one value after another, as tokens of the sample: offsets as
// below, of values whose tokens are those.
Tokens joined_tokens(const Tokens& tokens, const std::vector<int64_t>& offsets);

class ValuePooling : public Module {
 public:
  ValuePooling(const ValuePoolingConfig& config, int64_t width);

  // values [N, D] of all samples, one after another without padding; rows offsets[i] ..
  // offsets[i + 1] are those of sample i, B + 1 offsets. Throws Error(kShape) where they do not
  // cover the rows.
  PooledValues forward(const at::Tensor& values, const std::vector<int64_t>& offsets) const;

  // Most values of one sample that may take part; 0 = all.
  int64_t max() const { return max_; }

 private:
  at::Tensor weights_of(const at::Tensor& values, const at::Tensor& owner,
                        const std::vector<int64_t>& offsets) const;

  int64_t max_;
  std::shared_ptr<Linear> hidden_, score_;  // nullptr for kind mean
};

}  // namespace braid
