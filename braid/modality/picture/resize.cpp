#include "braid/modality/picture/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr int kFractionBits = 32 - 8 - 2;  // 8 bits of pixel, 2 of headroom for negative lobes

double bilinear(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// Keys' cubic with a = -0.5.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

// For each output position along one axis: which inputs it sums, and with what weights.
struct AxisWeights {
  int64_t taps = 0;            // weights stored per output
  std::vector<int64_t> first;  // first input of each output
  std::vector<int64_t> count;  // inputs of each output, <= taps
  std::vector<int32_t> weights;

  int64_t outputs() const { return static_cast<int64_t>(first.size()); }
  const int32_t* of(int64_t output) const { return weights.data() + output * taps; }
};

struct Axis {
  int64_t in_size;
  float begin, end;  // of the box
  int64_t out_size;
  int64_t out_first, out_count;  // of the window

  bool identity() const {
    return begin == 0 && end == static_cast<float>(out_size) && out_size == in_size &&
           out_first == 0 && out_count == out_size;
  }
};

int32_t fixed_point(double weight) {
  const double scaled = weight * (1 << kFractionBits);
  return static_cast<int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

AxisWeights weigh(const Axis& axis, Filter filter) {
  const auto curve = filter == Filter::kBilinear ? bilinear : bicubic;
  const double scale = static_cast<double>(axis.end - axis.begin) / axis.out_size;
  const double stretch = std::max(scale, 1.0);
  const double support = (filter == Filter::kBilinear ? 1.0 : 2.0) * stretch;
  AxisWeights result;
  result.taps = static_cast<int64_t>(std::ceil(support)) * 2 + 1;
  result.weights.resize(static_cast<size_t>(axis.out_count * result.taps));
  std::vector<double> exact(static_cast<size_t>(result.taps));
  for (int64_t i = 0; i < axis.out_count; ++i) {
    const double center = axis.begin + (i + axis.out_first + 0.5) * scale;
    const auto first = std::max<int64_t>(0, static_cast<int64_t>(center - support + 0.5));
    const auto last = std::min<int64_t>(axis.in_size, static_cast<int64_t>(center + support + 0.5));
    double sum = 0;
    for (int64_t x = first; x < last; ++x) {
      sum += exact[x - first] = curve((x - center + 0.5) * (1.0 / stretch));
    }
    for (int64_t x = first; x < last; ++x) {
      const double share = sum != 0 ? exact[x - first] / sum : exact[x - first];
      result.weights[i * result.taps + x - first] = fixed_point(share);
    }
    result.first.push_back(first);
    result.count.push_back(last - first);
  }
  return result;
}

uint8_t to_byte(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

template <int kChannels>
void scale_row(const uint8_t* in, const AxisWeights& axis, uint8_t* out) {
  for (int64_t i = 0; i < axis.outputs(); ++i, out += kChannels) {
    const uint8_t* from = in + axis.first[i] * kChannels;
    const int32_t* weights = axis.of(i);
    int32_t sum[kChannels];
    for (int32_t& s : sum) s = 1 << (kFractionBits - 1);
    for (int64_t k = 0; k < axis.count[i]; ++k, from += kChannels) {
      for (int c = 0; c < kChannels; ++c) sum[c] += from[c] * weights[k];
    }
    for (int c = 0; c < kChannels; ++c) out[c] = to_byte(sum[c]);
  }
}

// One output row from `count` rows of `size` bytes, a weight each.
void mix_rows(const uint8_t* in, int64_t size, const int32_t* weights, int64_t count,
              std::vector<int32_t>& sums, uint8_t* out) {
  std::fill(sums.begin(), sums.end(), 1 << (kFractionBits - 1));
  int32_t* sum = sums.data();
  for (int64_t k = 0; k < count; ++k, in += size) {
    const int32_t weight = weights[k];
    for (int64_t i = 0; i < size; ++i) sum[i] += in[i] * weight;
  }
  for (int64_t i = 0; i < size; ++i) out[i] = to_byte(sum[i]);
}

// Rows [first, first + count) of the picture, scaled along x.
Picture scale_columns(const PictureView& in, const Axis& axis, Filter filter, int64_t first,
                      int64_t count) {
  auto out = blank_picture(axis.out_count, count, in.channels);
  const uint8_t* from = in.data + first * in.width * in.channels;
  if (axis.identity()) {
    std::memcpy(out.data.data(), from, out.data.size());
    return out;
  }
  const auto weights = weigh(axis, filter);
  const auto row = in.channels == 4 ? scale_row<4> : scale_row<3>;
  for (int64_t y = 0; y < count; ++y) {
    row(from + y * in.width * in.channels, weights, out.data.data() + y * out.width * out.channels);
  }
  return out;
}

Picture resample(const PictureView& in, const Axis& x, const Axis& y, Filter filter) {
  if (y.identity()) return scale_columns(in, x, filter, 0, in.height);
  const auto weights = weigh(y, filter);
  const int64_t first = weights.first.front();  // rows above and below are never read
  const int64_t last = weights.first.back() + weights.count.back();
  const auto rows = scale_columns(in, x, filter, first, last - first);
  auto out = blank_picture(rows.width, y.out_count, in.channels);
  const int64_t row_bytes = rows.width * rows.channels;
  std::vector<int32_t> sums(static_cast<size_t>(row_bytes));
  for (int64_t i = 0; i < y.out_count; ++i) {
    mix_rows(rows.data.data() + (weights.first[i] - first) * row_bytes, row_bytes, weights.of(i),
             weights.count[i], sums, out.data.data() + i * row_bytes);
  }
  return out;
}

uint8_t times_255th(uint32_t a, uint32_t b) {
  const uint32_t product = a * b + 128;
  return static_cast<uint8_t>((product + (product >> 8)) >> 8);
}

Picture premultiply(const PictureView& in) {
  auto out = blank_picture(in.width, in.height, 4);
  for (size_t i = 0; i < out.data.size(); i += 4) {
    const uint8_t alpha = in.data[i + 3];
    for (size_t c = 0; c < 3; ++c) out.data[i + c] = times_255th(in.data[i + c], alpha);
    out.data[i + 3] = alpha;
  }
  return out;
}

void unpremultiply(Picture& picture) {
  for (size_t i = 0; i < picture.data.size(); i += 4) {
    const int alpha = picture.data[i + 3];
    if (alpha == 0 || alpha == 255) continue;
    for (size_t c = 0; c < 3; ++c) {
      picture.data[i + c] = static_cast<uint8_t>(std::min(255, 255 * picture.data[i + c] / alpha));
    }
  }
}

bool covers(const Axis& axis) {
  return axis.out_size >= 1 && axis.begin >= 0 && axis.end > axis.begin &&
         axis.end <= static_cast<float>(axis.in_size) && axis.out_first >= 0 &&
         axis.out_count >= 1 && axis.out_first + axis.out_count <= axis.out_size;
}

void check_axis(const Axis& axis, const char* name) {
  if (covers(axis)) return;
  throw Error(ErrorCode::kInput,
              std::string("resize, ") + name + ": cannot take " + std::to_string(axis.begin) +
                  " .. " + std::to_string(axis.end) + " of " + std::to_string(axis.in_size) +
                  " pixels to " + std::to_string(axis.out_count) + " of " +
                  std::to_string(axis.out_size));
}

}  // namespace

std::span<const char* const> enum_names(Filter*) {
  static constexpr const char* kNames[] = {"bilinear", "bicubic"};
  return kNames;
}

Picture resize(const PictureView& picture, Size size, const ResizeOptions& options) {
  const auto box = options.box.value_or(
      Box{0, 0, static_cast<float>(picture.width), static_cast<float>(picture.height)});
  const auto window = options.window.value_or(Window{0, 0, size.width, size.height});
  const Axis x{picture.width, box.left, box.right, size.width, window.left, window.width};
  const Axis y{picture.height, box.top, box.bottom, size.height, window.top, window.height};
  check_axis(x, "width");
  check_axis(y, "height");
  if (picture.channels == 3) return resample(picture, x, y, options.filter);
  if (x.identity() && y.identity()) return resample(picture, x, y, options.filter);
  auto out = resample(premultiply(picture), x, y, options.filter);
  unpremultiply(out);
  return out;
}

}  // namespace braid
