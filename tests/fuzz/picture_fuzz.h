// What the picture targets share. They differ in their seeds only: the decoder goes by content, and
// libFuzzer stays near its seeds.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "braid/modality/picture/decode.h"
#include "fuzz.h"

namespace braid::fuzz {

inline int decode_any(const uint8_t* data, size_t size) {
  return attempt([&] {
    // Small limits keep a run fast; that they are kept is what -malloc_limit_mb watches.
    const DecodeOptions options{.max_bytes = 1 << 20, .max_pixels = 1 << 18};
    const auto whole = decode_image(bytes_of(data, size), options);
    if (whole.data.size() != static_cast<size_t>(whole.width * whole.height * whole.channels) ||
        whole.width * whole.height > options.max_pixels) {
      std::abort();
    }
    auto reduced = options;
    reduced.shrink_to = 16;
    reduced.reduce_to = 11;
    const auto small = decode_image(bytes_of(data, size), reduced);
    if (std::min(small.width, small.height) > 11) std::abort();
  });
}

}  // namespace braid::fuzz
