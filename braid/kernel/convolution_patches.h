// Gradients of filters as products with patches (im2col; Chellapilla et al. 2006).
#pragma once

#include "braid/kernel/convolution.h"

namespace braid {

// As convolution_backward_weight, of checked arguments. A few MB of patches are held at a time,
// whatever the size.
void filter_gradient_of_patches(const ConvolutionShape& shape, const float* dy, const float* x,
                                float* dw, Precision precision);

}  // namespace braid
