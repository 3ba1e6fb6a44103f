// The task that writes: its decoder by the recipe's keys. What it computes: decoder.h.
#include "braid/generate/generation.h"

#include "braid/generate/decoder.h"

namespace braid {

std::shared_ptr<Decoder> make_generation(const ConfigNode& node, const DecoderInput& input) {
  const auto config = read_member<GenerationConfig>(node);
  if (config.width % config.heads != 0) {
    const auto* at = node.find("heads");
    (at ? *at : node)
        .fail("heads: " + std::to_string(config.heads) + " does not divide width " +
              std::to_string(config.width));
  }
  return std::make_shared<Decoder>(config, input);
}

}  // namespace braid
