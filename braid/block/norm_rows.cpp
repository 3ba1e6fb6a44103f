#include "braid/block/norm_rows.h"

#include <torch/types.h>

#include <utility>

#include "braid/kernel/norm.h"

namespace braid {

NormedRows norm_rows(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
  if (!w.defined()) return {x, {}, {}};
  NormedRows made{at::empty_like(x), at::empty({x.size(0)}, x.options()),
                  at::empty({x.size(0)}, x.options())};
  norm_forward(
      x.size(0), x.size(1),
      {x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(), kNormEpsilon,
       made.rows.data_ptr<float>(), made.mean.data_ptr<float>(), made.scale.data_ptr<float>()});
  return made;
}

NormGradients norm_gradients(const at::Tensor& x, const at::Tensor& w, const at::Tensor& mean,
                             const at::Tensor& scale, const at::Tensor& dy, at::Tensor dx) {
  const auto dwb = at::empty({2, x.size(1)}, x.options());
  norm_backward(
      x.size(0), x.size(1),
      {x.data_ptr<float>(), w.data_ptr<float>(), mean.data_ptr<float>(), scale.data_ptr<float>(),
       dy.data_ptr<float>(), dx.data_ptr<float>(), dwb.data_ptr<float>()});
  return {std::move(dx), dwb[0], dwb[1]};
}

}  // namespace braid
