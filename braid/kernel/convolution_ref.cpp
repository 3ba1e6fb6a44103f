#include <cstddef>
#include <vector>

#include "braid/kernel/convolution.h"

namespace braid {
namespace {

int64_t picture_index(PictureLayout layout, int64_t channels, int64_t height, int64_t width,
                      int64_t b, int64_t c, int64_t i, int64_t j) {
  return layout == PictureLayout::kChannelsLast ? ((b * height + i) * width + j) * channels + c
                                                : ((b * channels + c) * height + i) * width + j;
}

// Calls visit(x index, w index, y index) for each product of the sum.
template <class Visit>
void for_products(const ConvolutionShape& s, const Visit& visit) {
  const int64_t high = s.out_height(), wide = s.out_width(), pad = s.side / 2;
  for (int64_t b = 0; b < s.pictures; ++b)
    for (int64_t o = 0; o < s.out; ++o)
      for (int64_t i = 0; i < high; ++i)
        for (int64_t j = 0; j < wide; ++j)
          for (int64_t c = 0; c < s.in; ++c)
            for (int64_t u = 0; u < s.side; ++u)
              for (int64_t v = 0; v < s.side; ++v) {
                const int64_t row = s.stride * i + u - pad, column = s.stride * j + v - pad;
                if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
                visit(picture_index(s.layout, s.in, s.height, s.width, b, c, row, column),
                      ((o * s.in + c) * s.side + u) * s.side + v,
                      picture_index(s.layout, s.out, high, wide, b, o, i, j));
              }
}

void keep(const std::vector<double>& sums, float* to) {
  for (const double sum : sums) *to++ = static_cast<float>(sum);
}

}  // namespace

void convolution_forward_ref(const ConvolutionShape& s, const float* x, const float* w, float* y) {
  std::vector<double> sums(static_cast<size_t>(s.y_size()));
  for_products(s, [&](int64_t a, int64_t b, int64_t c) {
    sums[static_cast<size_t>(c)] += static_cast<double>(x[a]) * w[b];
  });
  keep(sums, y);
}

void convolution_backward_input_ref(const ConvolutionShape& s, const float* dy, const float* w,
                                    float* dx) {
  std::vector<double> sums(static_cast<size_t>(s.x_size()));
  for_products(s, [&](int64_t a, int64_t b, int64_t c) {
    sums[static_cast<size_t>(a)] += static_cast<double>(dy[c]) * w[b];
  });
  keep(sums, dx);
}

void convolution_backward_weight_ref(const ConvolutionShape& s, const float* dy, const float* x,
                                     float* dw) {
  std::vector<double> sums(static_cast<size_t>(s.w_size()));
  for_products(s, [&](int64_t a, int64_t b, int64_t c) {
    sums[static_cast<size_t>(b)] += static_cast<double>(dy[c]) * x[a];
  });
  keep(sums, dw);
}

}  // namespace braid
