// Sequences of many lengths as rows of one matrix [N, D], sample after sample, without padding.
//
//   mask [1 1 0]    rows 0, 1 are sample 0      places 0, 1, 3 (row by row in the padded [B, T])
//        [1 0 0]    row 2 is sample 1           offsets 0, 2, 3
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace braid {

class Segments {
 public:
  Segments() = default;  // of no sample
  // `count` samples of `steps` tokens each.
  static Segments uniform(int64_t count, int64_t steps);
  // Samples of so many tokens each, without holes.
  static Segments of_lengths(const std::vector<int64_t>& lengths, at::Device device);
  // The true entries of a mask [B, T] bool, which may have holes.
  static Segments of_mask(const at::Tensor& mask);

  int64_t count() const { return static_cast<int64_t>(offsets_.size()) - 1; }  // B
  int64_t steps() const { return steps_; }                                     // T
  int64_t rows() const { return offsets_.back(); }                             // N
  const std::vector<int64_t>& offsets() const { return offsets_; }             // [B + 1]

  at::Tensor mask() const { return mask_; }  // [B, T]; undefined when all tokens are real
  // [N] int64, where the mask is: the step of each row in its sample, and the sample.
  at::Tensor step_of_row(at::Device device) const;
  at::Tensor sample_of_row(at::Device device) const;

  // [B, T, ...] -> [N, ...] and back, zeros where no token is real. Views where all are.
  // Throw Error(kShape) when the leading axes are others.
  at::Tensor pack(const at::Tensor& padded) const;
  at::Tensor pad(const at::Tensor& rows) const;

 private:
  int64_t steps_ = 0;
  std::vector<int64_t> offsets_ = {0};
  at::Tensor mask_, places_;  // undefined when all tokens are real; places [N] int64 in [B, T]
};

// [N, D] -> [B, D]. A sample without a row gives zeros.
at::Tensor segment_mean(const at::Tensor& rows, const Segments& segments);
at::Tensor segment_last(const at::Tensor& rows, const Segments& segments);

}  // namespace braid
