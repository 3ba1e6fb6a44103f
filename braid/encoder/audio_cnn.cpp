// The network of cnn over spectrograms: a picture of one channel, time downwards, bands across. The
// cells of one time step become one token, their mean; steps beyond a sound's end count nowhere.
#include "braid/encoder/audio_cnn.h"

#include <torch/types.h>

#include "braid/encoder/cnn_trunk.h"

namespace braid {
namespace {

class AudioCnn final : public CnnTrunk {
 public:
  AudioCnn(const CnnConfig& config, int64_t bands, int64_t max_frames)
      : CnnTrunk(config, 1), bands_(bands), max_frames_(max_frames) {}

  Embedding encode(const at::Tensor& values, const at::Tensor& given) override {
    auto mask = expect_sequences(values, given, bands_, max_frames_);  // [B, T]
    const auto present = mask.any(1);
    const auto picture = values.masked_fill(~mask.unsqueeze(2), 0).unsqueeze(1);  // [B, 1, T, F]
    const auto tokens = map(picture, &mask).mean(3).transpose(1, 2);              // [B, t, D]
    const auto segments = Segments::of_mask(mask);
    return {{segments.pack(tokens), segments}, pool(tokens, mask), present};
  }

  double flops() const override { return map_flops(max_frames_, bands_); }

 private:
  int64_t bands_, max_frames_;
};

}  // namespace

std::shared_ptr<Encoder> make_audio_cnn(const ConfigNode& node, const EncoderInput& input) {
  expect_modality(node, input, "audio");
  const auto config = read_member<AudioCnnConfig>(node);
  check_stages(node, config);
  return std::make_shared<AudioCnn>(config, input.fact("width"), input.fact("max_frames"));
}

}  // namespace braid
