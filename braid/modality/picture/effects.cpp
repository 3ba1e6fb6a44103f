#include "braid/modality/picture/effects.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "braid/kernel/byte_planes.h"

namespace braid {
namespace {

std::vector<float> gaussian(double sigma) {
  const auto radius = static_cast<int64_t>(std::ceil(3 * sigma));
  std::vector<float> weights;
  double sum = 0;
  for (int64_t i = -radius; i <= radius; ++i) sum += std::exp(-0.5 * i * i / (sigma * sigma));
  for (int64_t i = -radius; i <= radius; ++i) {
    weights.push_back(static_cast<float>(std::exp(-0.5 * i * i / (sigma * sigma)) / sum));
  }
  return weights;
}

// out[i] = sum_k weights[k] * in[i + k * step], `size` values; eight at a time stay in registers.
void convolve(const float* in, int64_t step, const std::vector<float>& weights, float* out,
              int64_t size) {
  constexpr int64_t kBlock = 8;
  int64_t i = 0;
  for (; i + kBlock <= size; i += kBlock) {
    float sum[kBlock] = {};
    const float* from = in + i;
    for (const float weight : weights) {
      for (int64_t j = 0; j < kBlock; ++j) sum[j] += weight * from[j];
      from += step;
    }
    std::copy_n(sum, kBlock, out + i);
  }
  for (; i < size; ++i) {
    float sum = 0;
    for (size_t k = 0; k < weights.size(); ++k) sum += weights[k] * in[i + k * step];
    out[i] = sum;
  }
}

// The plane with `radius` rows repeated above and below, each blurred along x.
std::vector<float> blur_rows(const float* plane, int64_t width, int64_t height,
                             const std::vector<float>& weights) {
  const auto radius = static_cast<int64_t>(weights.size() / 2);
  std::vector<float> padded(static_cast<size_t>(width + 2 * radius));
  std::vector<float> out(static_cast<size_t>(width * (height + 2 * radius)));
  for (int64_t y = -radius; y < height + radius; ++y) {
    const float* row = plane + std::clamp<int64_t>(y, 0, height - 1) * width;
    std::fill_n(padded.begin(), radius, row[0]);
    std::copy_n(row, width, padded.begin() + radius);
    std::fill_n(padded.end() - radius, radius, row[width - 1]);
    convolve(padded.data(), 1, weights, out.data() + (y + radius) * width, width);
  }
  return out;
}

struct Corner {
  int64_t low, high;
  float share;  // of high
};

Corner corner(double position, int64_t size) {
  const double clamped = std::clamp(position, 0.0, static_cast<double>(size - 1));
  const auto low = static_cast<int64_t>(clamped);
  return {low, std::min(low + 1, size - 1), static_cast<float>(clamped - static_cast<double>(low))};
}

}  // namespace

void to_planes(const PictureView& picture, bool mirrored, const Planes& planes) {
  constexpr float kUnit = 1 / 255.f;
  const int64_t w = planes.width;
  for (int64_t y = 0; y < planes.height; ++y) {
    std::array<float*, 3> rows;
    for (int64_t c = 0; c < 3; ++c) rows[static_cast<size_t>(c)] = planes.plane(c) + y * w;
    byte_planes(picture.data + y * w * 3, w, kUnit, rows);
    if (!mirrored) continue;
    for (float* row : rows) std::reverse(row, row + w);
  }
}

void rotate(const Planes& planes, double degrees) {
  const int64_t w = planes.width, h = planes.height;
  const std::vector<float> source(planes.data, planes.data + 3 * planes.plane_size());
  const double angle = degrees * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  const double cx = (w - 1) / 2.0, cy = (h - 1) / 2.0;
  for (int64_t y = 0; y < h; ++y) {
    for (int64_t x = 0; x < w; ++x) {
      // y points down: going back from a counter-clockwise turn.
      const Corner h_at = corner(cx + c * (x - cx) - s * (y - cy), w);
      const Corner v_at = corner(cy + s * (x - cx) + c * (y - cy), h);
      for (int64_t channel = 0; channel < 3; ++channel) {
        const float* top = source.data() + channel * w * h + v_at.low * w;
        const float* bottom = source.data() + channel * w * h + v_at.high * w;
        const float above = top[h_at.low] + h_at.share * (top[h_at.high] - top[h_at.low]);
        const float below = bottom[h_at.low] + h_at.share * (bottom[h_at.high] - bottom[h_at.low]);
        planes.plane(channel)[y * w + x] = above + v_at.share * (below - above);
      }
    }
  }
}

void blur(const Planes& planes, double sigma) {
  if (sigma <= 0) return;
  const auto weights = gaussian(sigma);
  for (int64_t c = 0; c < 3; ++c) {
    const auto rows = blur_rows(planes.plane(c), planes.width, planes.height, weights);
    for (int64_t y = 0; y < planes.height; ++y) {
      convolve(rows.data() + y * planes.width, planes.width, weights,
               planes.plane(c) + y * planes.width, planes.width);
    }
  }
}

void add_noise(const Planes& planes, double sigma, Rng& rng) {
  constexpr uint64_t kEven = 0x00ff00ff00ff00ffull;
  constexpr double kMean = 8 * 255 / 2.0;
  const double deviation = std::sqrt(8 * (256.0 * 256.0 - 1) / 12);
  const auto scale = static_cast<float>(sigma / deviation);
  for (int64_t i = 0; i < 3 * planes.plane_size(); ++i) {
    const uint64_t bits = rng.next();
    const uint64_t pairs = (bits & kEven) + (bits >> 8 & kEven);  // four sums of two bytes
    const uint64_t sum = pairs * 0x0001000100010001ull >> 48;     // all four
    planes.data[i] += scale * (static_cast<float>(sum) - static_cast<float>(kMean));
  }
}

void erase(const Planes& planes, const Window& where, float value) {
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t y = where.top; y < where.top + where.height; ++y) {
      std::fill_n(planes.plane(c) + y * planes.width + where.left, where.width, value);
    }
  }
}

Scaling normalisation(const std::array<double, 3>& mean, const std::array<double, 3>& std) {
  Scaling scaling;
  for (size_t c = 0; c < 3; ++c) {
    scaling.factor[c] = static_cast<float>(1 / std[c]);
    scaling.offset[c] = static_cast<float>(-mean[c] / std[c]);
  }
  return scaling;
}

void normalise(const Planes& planes, const std::array<double, 3>& mean,
               const std::array<double, 3>& std) {
  const auto scaling = normalisation(mean, std);
  for (int64_t c = 0; c < 3; ++c) {
    float* plane = planes.plane(c);
    const float scale = scaling.factor[static_cast<size_t>(c)];
    const float shift = scaling.offset[static_cast<size_t>(c)];
#pragma omp simd
    for (int64_t i = 0; i < planes.plane_size(); ++i) plane[i] = plane[i] * scale + shift;
  }
}

}  // namespace braid
