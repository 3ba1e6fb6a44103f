#include "braid/modality/image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "braid/core/error.h"
#include "braid/modality/member.h"
#include "braid/modality/picture/decode.h"
#include "braid/modality/picture/effects.h"

namespace braid {
namespace {

template <class To, class From>
std::array<To, 3> three(const std::vector<From>& values) {
  std::array<To, 3> out{};
  for (size_t c = 0; c < 3; ++c) out[c] = static_cast<To>(values[values.size() == 3 ? c : 0]);
  return out;
}

// 1 - x .. 1 + x, the factors of colour jitter.
double factor(double x, Rng& rng) { return rng.uniform(1 - x, 1 + x); }

PictureView pixels_of(const Sample& prepared) {
  const auto& values = prepared.values;
  const auto& shape = values.shape();
  if (values.dtype() != DType::kU8 || shape.size() != 3 || (shape[2] != 3 && shape[2] != 4) ||
      values.count() == 0) {
    throw Error(ErrorCode::kShape, "image: expected a prepared sample [H, W, 3 or 4] U8, got " +
                                       shape_text(shape) + " " + dtype_name(values.dtype()));
  }
  return {values.values<uint8_t>().data(), shape[1], shape[0], shape[2]};
}

class Image final : public Modality {
 public:
  explicit Image(ImageConfig config)
      : c_(std::move(config)),
        mean_(three<double>(c_.mean)),
        std_(three<double>(c_.std)),
        frame_{c_.size, c_.fit, c_.resize, three<uint8_t>(c_.background)},
        crop_{c_.views.crop_scale[0], c_.views.crop_scale[1], c_.views.crop_ratio[0],
              c_.views.crop_ratio[1]} {}

  std::string_view name() const override { return "image"; }
  std::map<std::string, int64_t> facts() const override {
    return {{"size", c_.size}, {"channels", 3}};
  }
  uint64_t max_bytes() const override { return static_cast<uint64_t>(c_.max_bytes); }

  Sample prepare(std::span<const std::byte> bytes) const override;
  Sample augment(const Sample& prepared, Rng& rng) const override;
  Sample view(const Sample& prepared) const override;
  Sample collate(std::span<const Sample* const> views) const override;

 private:
  Planes planes_of(Sample& view) const {
    return {view.values.mutable_values<float>().data(), c_.size, c_.size};
  }
  Sample planes_from(const Picture& square, bool mirrored) const;
  Picture random_square(const PictureView& picture, Rng& rng) const;
  bool jitter(const Planes& planes, const Scaling& after, Rng& rng) const;
  void erase_some(const Planes& planes, Rng& rng) const;

  ImageConfig c_;
  std::array<double, 3> mean_, std_;
  Frame frame_;
  CropRange crop_;
};

Sample Image::prepare(std::span<const std::byte> bytes) const {
  const int64_t keep = c_.keep_side > 0 ? c_.keep_side : 2 * c_.size;
  // More than is kept, so that the antialiased filter, not the decoder's, shapes the result: at 1.5
  // photos differ by 38 dB and more from those decoded whole, views by 46 (bench/jpeg_scaling.cpp).
  const auto picture = decode_image(bytes, {.max_bytes = max_bytes(),
                                            .max_pixels = c_.max_pixels,
                                            .shrink_to = keep + keep / 2,
                                            .reduce_to = keep,
                                            .filter = c_.resize});
  return {Array::of<uint8_t>({picture.height, picture.width, picture.channels}, picture.data), {}};
}

Sample Image::planes_from(const Picture& square, bool mirrored) const {
  Sample out{Array(DType::kF32, {3, c_.size, c_.size}), {}};
  to_planes(square, mirrored, planes_of(out));
  return out;
}

Sample Image::view(const Sample& prepared) const {
  const auto picture = pixels_of(prepared);
  const auto square = picture.channels == 3
                          ? fit_square(picture, frame_)
                          : fit_square(flatten(picture, frame_.background), frame_);
  auto out = planes_from(square, false);
  normalise(planes_of(out), mean_, std_);
  return out;
}

Picture Image::random_square(const PictureView& picture, Rng& rng) const {
  auto frame = frame_;
  if (picture.channels == 4) {
    if (rng.chance(c_.views.random_background)) {
      for (auto& channel : frame.background) channel = static_cast<uint8_t>(rng.below(256));
    }
    const auto flat = flatten(picture, frame.background);
    return crop_.off() ? fit_square(flat, frame) : crop_square(flat, frame, crop_, rng);
  }
  return crop_.off() ? fit_square(picture, frame) : crop_square(picture, frame, crop_, rng);
}

Sample Image::augment(const Sample& prepared, Rng& rng) const {
  const auto& v = c_.views;
  const auto square = random_square(pixels_of(prepared), rng);
  auto out = planes_from(square, rng.chance(v.flip));
  const auto planes = planes_of(out);
  if (v.rotate > 0) rotate(planes, rng.uniform(-v.rotate, v.rotate));
  // In one pass with the colours, where nothing comes between.
  const bool at_once = v.blur == 0 && v.noise == 0;
  const bool changed = jitter(planes, at_once ? normalisation(mean_, std_) : Scaling(), rng);
  if (rng.chance(v.blur)) blur(planes, rng.uniform(v.blur_sigma[0], v.blur_sigma[1]));
  if (v.noise > 0) add_noise(planes, v.noise, rng);
  if (!(changed && at_once)) normalise(planes, mean_, std_);
  if (rng.chance(v.erase)) erase_some(planes, rng);
  return out;
}

// Changes colours, then scales; false, and neither, where nothing is to change.
bool Image::jitter(const Planes& planes, const Scaling& after, Rng& rng) const {
  const auto& v = c_.views;
  const bool grey = rng.chance(v.grayscale);
  if (!grey && v.brightness == 0 && v.contrast == 0 && v.saturation == 0 && v.hue == 0)
    return false;
  auto map = brightness(factor(v.brightness, rng));
  if (v.contrast > 0) {
    const auto mean = map(mean_colour(planes));
    map = map.then(contrast(factor(v.contrast, rng), grey_of(mean)));
  }
  if (v.saturation > 0) map = map.then(saturation(factor(v.saturation, rng)));
  if (v.hue > 0) map = map.then(hue(rng.uniform(-v.hue, v.hue)));
  if (grey) map = map.then(saturation(0));
  apply(map, planes, after);
  return true;
}

// After normalisation, where 0 is the colour `mean`.
void Image::erase_some(const Planes& planes, Rng& rng) const {
  const int64_t side = c_.size;
  const double area = static_cast<double>(side * side) *
                      rng.uniform(c_.views.erase_area[0], c_.views.erase_area[1]);
  const double ratio = std::exp(rng.uniform(std::log(0.3), std::log(1 / 0.3)));
  const auto within = [&](double length) {
    return std::clamp<int64_t>(std::llround(length), 1, side);
  };
  const int64_t height = within(area / static_cast<double>(within(std::sqrt(area * ratio))));
  const int64_t width = within(area / static_cast<double>(height));
  const int64_t left = rng.below(side - width + 1);
  erase(planes, {left, rng.below(side - height + 1), width, height}, 0);
}

Sample Image::collate(std::span<const Sample* const> views) const {
  const auto rows = static_cast<int64_t>(views.size());
  Sample out{Array(DType::kF32, {rows, 3, c_.size, c_.size}), {}};  // [B, 3, S, S]
  const size_t row_bytes = static_cast<size_t>(3 * c_.size * c_.size) * sizeof(float);
  for (size_t i = 0; i < views.size(); ++i) {
    if (!views[i]) continue;
    const auto& values = views[i]->values;
    if (values.dtype() != DType::kF32 || values.byte_size() != row_bytes) {
      throw Error(ErrorCode::kShape,
                  "image: expected views of " + shape_text({3, c_.size, c_.size}) + " F32, got " +
                      shape_text(values.shape()) + " " + dtype_name(values.dtype()));
    }
    std::memcpy(out.values.mutable_bytes() + i * row_bytes, values.bytes(), row_bytes);
  }
  return out;
}

}  // namespace

std::unique_ptr<Modality> make_image(const ConfigNode& node) {
  return std::make_unique<Image>(read_member<ImageConfig>(node));
}

ModalityMember member_image() { return modality_member<ImageConfig>(make_image); }

}  // namespace braid
