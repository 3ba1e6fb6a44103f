#include "braid/encoder/trunk.h"

namespace braid {

std::shared_ptr<Transformer> shared_trunk(const ConfigNode& node, const EncoderInput& input,
                                          int64_t width) {
  const auto* at = node.find("trunk");
  if (!at || at->text() != "shared") return nullptr;
  if (!input.trunk)
    at->fail("trunk: shared, but the recipe has no `trunk`, such as {width: 192, depth: 4}");
  if (width == input.trunk->width()) return input.trunk;
  at->fail("trunk: the shared one has width " + std::to_string(input.trunk->width()) +
           ", this encoder " + std::to_string(width));
}

}  // namespace braid
