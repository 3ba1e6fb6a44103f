// A small residual network (after He et al. 2016): each stage is a 3 x 3 convolution that narrows
// the picture, then residual blocks  x = act(x + norm(conv(act(norm(conv(x)))))).  The last norm of
// a block starts at 0. Tokens are the cells of the last feature map.
#include "braid/encoder/cnn.h"

#include <torch/types.h>

#include "braid/encoder/cnn_trunk.h"

namespace braid {
namespace {

class Cnn final : public CnnTrunk {
 public:
  Cnn(const CnnConfig& config, int64_t channels, int64_t size)
      : CnnTrunk(config, channels), channels_(channels), size_(size) {}

  Embedding encode(const at::Tensor& values, const at::Tensor&) override {
    expect_pictures(values, channels_, size_);
    at::Tensor rows;
    const auto tokens = map(values, &rows).flatten(2).transpose(1, 2);  // [B, h w, D]
    return {{tokens, Segments::uniform(tokens.size(0), tokens.size(1))},
            pool(tokens, {}),
            at::ones({tokens.size(0)}, tokens.options().dtype(at::kBool))};
  }

  double flops() const override { return map_flops(size_, size_); }

 private:
  int64_t channels_, size_;
};

}  // namespace

std::shared_ptr<Encoder> make_cnn(const ConfigNode& node, const EncoderInput& input) {
  expect_modality(node, input, "image");
  const auto config = read_member<CnnConfig>(node);
  check_stages(node, config);
  return std::make_shared<Cnn>(config, input.fact("channels"), input.fact("size"));
}

}  // namespace braid
