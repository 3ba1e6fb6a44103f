// Several ragged sets of one batch as one: in each sample the rows of the first set, then those of
// the second, and so on.
//
//   a [a0 a1 | b0]    joined: sample 0: a0 a1 x0, sample 1: b0 y0 y1
//   x [x0 | y0 y1]
#pragma once

#include "braid/block/segments.h"

namespace braid {

class JoinedSegments {
 public:
  // At least one part, all of as many samples. Throws Error(kShape).
  explicit JoinedSegments(std::vector<Segments> parts);

  // steps() is the sum of theirs: part i begins at step sum of steps of the parts before.
  const Segments& segments() const { return segments_; }

  // One tensor of rows [N_i, ...] a part -> [N, ...], and back. Throw Error(kShape).
  at::Tensor join(const std::vector<at::Tensor>& rows) const;
  std::vector<at::Tensor> split(const at::Tensor& rows) const;

 private:
  std::vector<Segments> parts_;
  Segments segments_;
};

}  // namespace braid
