#include "braid/modality/sound/encode.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "braid/core/error.h"
#include "braid/modality/sound/decode.h"

namespace braid {
namespace {

TEST(SoundEncode, FlacComesBackWithin16Bits) {
  std::vector<float> samples(5000);
  for (size_t i = 0; i < samples.size(); ++i)
    samples[i] = 0.8f * std::sin(0.01f * static_cast<float>(i));
  samples[7] = 1.5f;  // clipped
  const auto back = decode_sound(encode_flac(samples, 16000), 16000);
  ASSERT_EQ(back.size(), samples.size());
  for (size_t i = 0; i < samples.size(); ++i)
    ASSERT_NEAR(back[i], std::min(samples[i], 1.0f), 1.0f / 16384) << i;
}

TEST(SoundEncode, NothingIsRefused) { EXPECT_THROW(encode_flac({}, 16000), Error); }

}  // namespace
}  // namespace braid
