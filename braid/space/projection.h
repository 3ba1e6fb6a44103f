// A projection carries the vectors of one encoder into the shared space.
#pragma once

#include "braid/block/linear.h"
#include "braid/block/transformer.h"
#include "braid/space/projection_config.h"

namespace braid {

class Projection : public Module {
 public:
  // `in`: width of the encoder.
  Projection(const ProjectionConfig& config, int64_t in);

  at::Tensor forward(const at::Tensor& x) const;  // [..., in] -> [..., D]; not normalised

  int64_t width() const { return width_; }
  double flops() const;  // of one vector

 private:
  int64_t width_;
  double flops_;
  std::shared_ptr<Linear> linear_;  // one of the two
  std::shared_ptr<Mlp> mlp_;
};

}  // namespace braid
