// What the vectors of a field mean in the words of another one: training samples that have both
// fields are kept, and a vector is read as the mean of their other vectors, by nearness.
//   y = sum_i a_i v_i,  a = softmax over i of cos(x, k_i) / temperature
// k_i: vector of this field, v_i: of the other, of sample i.
// Source: Vinyals et al. 2016 (Matching networks), eq. 1, with vectors where they have labels; the
// kernel regression of Nadaraya and Watson 1964. Nothing here is trained.
#pragma once

#include "braid/block/module.h"
#include "braid/space/support_set_config.h"

namespace braid {

class SupportSet : public Module {
 public:
  SupportSet(const SupportSetConfig& config, int64_t width);  // empty

  // keys, values [M, D]: row i of both is of one sample. Made unit rows. Throws Error(kShape).
  void fill(const at::Tensor& keys, const at::Tensor& values);
  void clear();
  int64_t size() const { return keys_.size(0); }  // M

  at::Tensor forward(const at::Tensor& x) const;  // [N, D] -> [N, D]; of no samples: x

  double flops() const;  // of one vector

 private:
  double temperature_;
  at::Tensor keys_, values_;  // [M, D]
};

}  // namespace braid
