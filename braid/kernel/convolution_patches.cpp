#include "braid/kernel/convolution_patches.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "braid/kernel/matmul.h"

namespace braid {
namespace {

constexpr int64_t kPatchFloats = 1 << 21;  // held at a time: 8 MB

std::unique_ptr<float[]> floats(int64_t count) {
  return std::make_unique_for_overwrite<float[]>(static_cast<size_t>(count));
}

// [picture, channel, pixel] -> [picture, pixel, channel]
std::unique_ptr<float[]> channels_last(int64_t pictures, int64_t channels, int64_t pixels,
                                       const float* from) {
  auto to = floats(pictures * channels * pixels);
#pragma omp parallel for schedule(static)
  for (int64_t b = 0; b < pictures; ++b) {
    for (int64_t c = 0; c < channels; ++c) {
      const float* plane = from + (b * channels + c) * pixels;
      for (int64_t i = 0; i < pixels; ++i)
        to[static_cast<size_t>((b * pixels + i) * channels + c)] = plane[i];
    }
  }
  return to;
}

// What the filters lie on for the outputs of rows [begin, end), counted over all pictures:
// patches [end - begin, out_width, side, side, in]. x has its channels last.
void take_patches(const ConvolutionShape& s, int64_t begin, int64_t end, const float* x,
                  float* patches) {
  const int64_t high = s.out_height(), wide = s.out_width(), filter_row = s.side * s.in;
#pragma omp parallel for schedule(static)
  for (int64_t row = begin; row < end; ++row) {
    const int64_t picture = row / high, top = row % high * s.stride - s.side / 2;
    float* to = patches + (row - begin) * wide * s.side * filter_row;
    for (int64_t j = 0; j < wide; ++j) {
      const int64_t left = j * s.stride - s.side / 2;
      const int64_t first = std::max<int64_t>(0, left), last = std::min(s.width, left + s.side);
      for (int64_t u = 0; u < s.side; ++u, to += filter_row) {
        const int64_t i = top + u;
        if (i < 0 || i >= s.height) {
          std::fill_n(to, filter_row, 0.0f);
          continue;
        }
        const float* from = x + ((picture * s.height + i) * s.width + first) * s.in;
        float* inside = std::fill_n(to, (first - left) * s.in, 0.0f);
        inside = std::copy_n(from, (last - first) * s.in, inside);
        std::fill(inside, to + filter_row, 0.0f);
      }
    }
  }
}

}  // namespace

void filter_gradient_of_patches(const ConvolutionShape& s, const float* dy, const float* x,
                                float* dw, Precision precision) {
  std::unique_ptr<float[]> x_copy, dy_copy;
  if (s.layout == PictureLayout::kPlanes) {
    x_copy = channels_last(s.pictures, s.in, s.height * s.width, x);
    dy_copy = channels_last(s.pictures, s.out, s.out_height() * s.out_width(), dy);
    x = x_copy.get(), dy = dy_copy.get();
  }
  const int64_t patch = s.side * s.side * s.in, wide = s.out_width();
  const int64_t rows = s.pictures * s.out_height();
  const int64_t step = std::clamp<int64_t>(kPatchFloats / (wide * patch), 1, rows);
  const auto patches = floats(step * wide * patch);
  std::vector<float> sums(static_cast<size_t>(s.out * patch));  // [out, side, side, in]
  for (int64_t begin = 0; begin < rows; begin += step) {
    const int64_t end = std::min(begin + step, rows);
    take_patches(s, begin, end, x, patches.get());
    matmul({1, s.out, (end - begin) * wide, patch}, {dy + begin * wide * s.out, 1, s.out, 0},
           {patches.get(), patch, 1, 0}, nullptr, {sums.data(), patch, 0, begin > 0}, precision);
  }
  const int64_t cells = s.side * s.side;
  for (int64_t o = 0; o < s.out; ++o)
    for (int64_t cell = 0; cell < cells; ++cell)
      for (int64_t c = 0; c < s.in; ++c)
        dw[(o * s.in + c) * cells + cell] =
            sums[static_cast<size_t>((o * cells + cell) * s.in + c)];
}

}  // namespace braid
