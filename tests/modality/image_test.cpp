#include "braid/modality/image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "braid/core/error.h"
#include "braid/modality/picture/encode.h"

namespace braid {
namespace {

constexpr char kOff[] =
    "views: {crop_scale: [1, 1], crop_ratio: [1, 1], brightness: 0, contrast: 0, saturation: 0";
constexpr char kStrong[] =
    "views: {crop_scale: [0.2, 1], flip: 0.5, rotate: 30, brightness: 0.5, contrast: 0.5, "
    "saturation: 0.5, hue: 0.1, grayscale: 0.3, blur: 0.5, noise: 0.1, erase: 0.5, "
    "random_background: 0.5}";

std::unique_ptr<Modality> image(const std::string& keys) {
  return make_image(ConfigNode::parse("{" + keys + "}"));
}
// All views off but these (flip: 0 when none).
std::unique_ptr<Modality> only(const std::string& own, const std::string& views) {
  return image(own + ", " + kOff + ", " + (views.empty() ? "flip: 0" : views) + "}");
}

Picture patches(int64_t width, int64_t height, int64_t channels) {
  auto picture = blank_picture(width, height, channels);
  Rng rng(9);
  for (auto& byte : picture.data) byte = static_cast<uint8_t>(rng.below(256));
  return picture;
}

Sample prepared(const Modality& modality, int64_t width, int64_t height, int64_t channels = 3) {
  return modality.prepare(encode_png(patches(width, height, channels)));
}

std::vector<float> numbers(const Sample& sample) {
  const auto values = sample.values.values<float>();
  return {values.begin(), values.end()};
}

TEST(Image, PreparesPixelsAsTheyAreAndKeepsAlpha) {
  const auto modality = image("size: 8");
  EXPECT_EQ(prepared(*modality, 10, 6).values.shape(), (std::vector<int64_t>{6, 10, 3}));
  const auto clear = prepared(*modality, 10, 6, 4);
  ASSERT_EQ(clear.values.shape(), (std::vector<int64_t>{6, 10, 4}));
  const auto pixels = clear.values.values<uint8_t>();
  EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), patches(10, 6, 4).data.begin()));
}

TEST(Image, ReducesLargePicturesOnce) {
  EXPECT_EQ(prepared(*image("size: 8"), 64, 32).values.shape(), (std::vector<int64_t>{16, 32, 3}));
  EXPECT_EQ(prepared(*image("size: 8, keep_side: 10"), 64, 32).values.shape(),
            (std::vector<int64_t>{10, 20, 3}));
  EXPECT_EQ(prepared(*image("size: 8, keep_side: 100"), 64, 32).values.shape(),
            (std::vector<int64_t>{32, 64, 3}));
}

TEST(Image, ViewIsNormalisedWithoutScalingAtItsOwnSize) {
  const auto modality = image("size: 2, mean: [0, 0.5, 1], std: [1, 0.5, 2]");
  const Picture picture{2, 2, 3, {0, 51, 255, 255, 0, 0, 51, 255, 102, 102, 102, 51}};
  const auto view = modality->view(modality->prepare(encode_png(picture)));
  ASSERT_EQ(view.values.shape(), (std::vector<int64_t>{3, 2, 2}));
  const std::vector<float> wanted = {0,     1,     0.2f,  0.4f,    // red
                                     -0.6f, -1,    1,     -0.2f,   // (green - 0.5) / 0.5
                                     0,     -0.5f, -0.3f, -0.4f};  // (blue - 1) / 2
  const auto seen = numbers(view);
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(seen[i], wanted[i], 1e-6) << i;
}

TEST(Image, LaysTransparentPicturesOverTheBackground) {
  const auto modality = only("size: 1, background: [255, 0, 0], mean: 0, std: 1", "");
  const Picture clear{1, 1, 4, {7, 7, 7, 0}};
  const auto view = modality->view(modality->prepare(encode_png(clear)));
  EXPECT_EQ(numbers(view), (std::vector<float>{1, 0, 0}));
}

TEST(Image, RandomBackgroundShowsOnlyBehindTransparency) {
  const auto modality = only("size: 1, mean: 0, std: 1", "flip: 0, random_background: 1");
  const auto clear = modality->prepare(encode_png(Picture{1, 1, 4, {7, 7, 7, 0}}));
  const auto solid = modality->prepare(encode_png(Picture{1, 1, 3, {51, 51, 51}}));
  Rng rng(1);
  const auto first = numbers(modality->augment(clear, rng));
  EXPECT_NE(first, numbers(modality->augment(clear, rng)));
  for (const float v : numbers(modality->augment(solid, rng))) EXPECT_NEAR(v, 0.2, 1e-6);
}

TEST(Image, AugmentWithEverythingOffIsTheView) {
  for (const char* fit : {"squash", "crop", "pad"}) {
    for (const int64_t channels : {3, 4}) {
      const auto modality = only(std::string("size: 12, resize: bicubic, fit: ") + fit, "");
      const auto sample = prepared(*modality, 23, 17, channels);
      Rng rng(4);
      EXPECT_EQ(numbers(modality->augment(sample, rng)), numbers(modality->view(sample))) << fit;
    }
  }
}

TEST(Image, FlipMirrorsTheView) {
  const auto modality = only("size: 6", "flip: 1");
  const auto sample = prepared(*modality, 6, 6);
  Rng rng(4);
  const auto flipped = numbers(modality->augment(sample, rng));
  const auto view = numbers(modality->view(sample));
  for (size_t i = 0; i < view.size(); ++i) EXPECT_EQ(flipped[i], view[i / 6 * 6 + 5 - i % 6]);
}

TEST(Image, EraseLeavesTheMeanOnTheAskedArea) {
  const auto modality = only("size: 40", "flip: 0, erase: 1, erase_area: [0.25, 0.25]");
  const auto sample = prepared(*modality, 40, 40);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    const auto erased = numbers(modality->augment(sample, rng));
    const auto zeros = std::count(erased.begin(), erased.begin() + 1600, 0.f);
    EXPECT_NEAR(static_cast<double>(zeros), 400, 20);  // sides are whole pixels
  }
}

TEST(Image, NoiseHasTheAskedVarianceAfterNormalisation) {
  const auto modality = only("size: 100, std: 0.5", "flip: 0, noise: 0.1");
  const auto sample = prepared(*modality, 100, 100);
  Rng rng(5);
  const auto noisy = numbers(modality->augment(sample, rng));
  const auto view = numbers(modality->view(sample));
  double square = 0;
  for (size_t i = 0; i < view.size(); ++i) square += std::pow(noisy[i] - view[i], 2);
  EXPECT_NEAR(square / static_cast<double>(view.size()), 0.04, 0.002);  // (0.1 / 0.5)^2, five sd
}

TEST(Image, GrayscaleTakesAllColour) {
  const auto modality = only("size: 5", "flip: 0, grayscale: 1");
  Rng rng(5);
  const auto grey = numbers(modality->augment(prepared(*modality, 5, 5), rng));
  for (size_t i = 0; i < 25; ++i) {
    EXPECT_NEAR(grey[i], grey[i + 25], 1e-5);
    EXPECT_NEAR(grey[i], grey[i + 50], 1e-5);
  }
}

TEST(Image, DrawsTheSameViewForTheSameKeyAndAnotherForAnother) {
  const auto modality = image(std::string("size: 16, ") + kStrong);
  const auto sample = prepared(*modality, 30, 20, 4);
  Rng a(7, 1, 2, "image.view0"), b(7, 1, 2, "image.view0"), c(7, 2, 2, "image.view0");
  const auto first = numbers(modality->augment(sample, a));
  EXPECT_EQ(first, numbers(modality->augment(sample, b)));
  EXPECT_NE(first, numbers(modality->augment(sample, c)));
}

TEST(Image, StrongViewsStayFinite) {
  for (const char* fit : {"squash", "crop", "pad"}) {
    const auto modality = image(std::string("size: 16, fit: ") + fit + ", " + kStrong);
    for (const auto& sample : {prepared(*modality, 30, 20, 4), prepared(*modality, 1, 1),
                               prepared(*modality, 1, 90), prepared(*modality, 90, 2)}) {
      Rng rng(8);
      for (int i = 0; i < 30; ++i) {
        for (const float v : numbers(modality->augment(sample, rng))) ASSERT_LT(std::abs(v), 10);
      }
    }
  }
}

TEST(Image, CollatesWithZerosForWhatIsMissing) {
  const auto modality = image("size: 4");
  const auto a = modality->view(prepared(*modality, 5, 5)),
             b = modality->view(prepared(*modality, 7, 4));
  const Sample* views[] = {&a, nullptr, &b};
  const auto batch = modality->collate(views);
  ASSERT_EQ(batch.values.shape(), (std::vector<int64_t>{3, 3, 4, 4}));
  auto wanted = numbers(a);
  wanted.resize(96, 0.f);
  const auto last = numbers(b);
  wanted.insert(wanted.end(), last.begin(), last.end());
  EXPECT_EQ(numbers(batch), wanted);

  const Sample* none[] = {nullptr, nullptr};
  EXPECT_EQ(numbers(modality->collate(none)), std::vector<float>(96, 0.f));
}

TEST(Image, RefusesSamplesOfOthers) {
  const auto modality = image("size: 4");
  const Sample text{Array(DType::kI64, {5}), {}};
  const auto other = image("size: 5")->view(prepared(*modality, 5, 5));
  const Sample* views[] = {&other};
  EXPECT_THROW(modality->view(text), Error);
  EXPECT_THROW(modality->collate(views), Error);
}

TEST(Image, RefusesKeysAndValuesThatCannotBe) {
  for (const char* keys :
       {"size: 0", "sized: 4", "fit: squish", "mean: [0, 0]", "std: 0", "background: [0, 0, 256]",
        "views: {crop_scale: [1, 0.5]}", "views: {crop_scale: [0, 1]}", "views: {flip: 1.5}",
        "views: {blur_sigma: [0, 1]}", "views: {hue: 0.6}"}) {
    EXPECT_THROW(image(keys), Error) << keys;
  }
}

TEST(Image, AppliesTheLimitsOfTheRecipe) {
  const auto bytes = encode_png(patches(20, 10, 3));
  EXPECT_THROW(image("max_pixels: 199")->prepare(bytes), Error);
  EXPECT_NO_THROW(image("max_pixels: 200")->prepare(bytes));
  EXPECT_THROW(image("max_bytes: 100")->prepare(bytes), Error);
  EXPECT_EQ(image("max_bytes: 100")->max_bytes(), 100u);
}

}  // namespace
}  // namespace braid
