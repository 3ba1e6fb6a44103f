// Convolution of pictures with square filters, and its gradients. Free of torch.
//
//   y[b, o, i, j] = sum over c, u, v of x[b, c, s i + u - p, s j + v - p] * w[o, c, u, v]
//
// x is 0 outside of the picture; s is the stride, p = side / 2.
#pragma once

#include <cstdint>

#include "braid/kernel/precision.h"

namespace braid {

enum class PictureLayout {
  kChannelsLast,  // [picture, row, column, channel]
  kPlanes,        // [picture, channel, row, column]
};

struct ConvolutionShape {
  int64_t pictures = 0, height = 0, width = 0;
  int64_t in = 0, out = 0;  // channels
  int64_t side = 1;         // of the filters, odd
  int64_t stride = 1;
  PictureLayout layout = PictureLayout::kChannelsLast;

  int64_t out_height() const { return (height + stride - 1) / stride; }
  int64_t out_width() const { return (width + stride - 1) / stride; }
  int64_t x_size() const { return pictures * height * width * in; }
  int64_t w_size() const { return out * side * side * in; }
  int64_t y_size() const { return pictures * out_height() * out_width() * out; }
};

// x and y lie in the shape's layout, w as [out, in, row, column]; all without gaps. Outputs are
// overwritten and must not overlap inputs. Many threads; the same call gives the same bits as long
// as their count stays. Throws Error(kShape) for a negative size, an even side or a stride below 1,
// Error(kUsage) for kBf16 where has_bf16() is false.
void convolution_forward(const ConvolutionShape& shape, const float* x, const float* w, float* y,
                         Precision precision = Precision::kFp32);
void convolution_backward_input(const ConvolutionShape& shape, const float* dy, const float* w,
                                float* dx, Precision precision = Precision::kFp32);
void convolution_backward_weight(const ConvolutionShape& shape, const float* dy, const float* x,
                                 float* dw, Precision precision = Precision::kFp32);

// The plain loops, summed in double: what the above are tested against.
void convolution_forward_ref(const ConvolutionShape& shape, const float* x, const float* w,
                             float* y);
void convolution_backward_input_ref(const ConvolutionShape& shape, const float* dy, const float* w,
                                    float* dx);
void convolution_backward_weight_ref(const ConvolutionShape& shape, const float* dy, const float* x,
                                     float* dw);

}  // namespace braid
