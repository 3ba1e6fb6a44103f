// Pixels with transparency over one colour.
#pragma once

#include <array>
#include <cstdint>

namespace braid {

// rgb[3 i + c] = (rgba[4 i + c] a + colour[c] (255 - a)) / 255, rounded; a = rgba[4 i + 3]; i of
// `count`.
void over_colour(const uint8_t* rgba, int64_t count, const std::array<uint8_t, 3>& colour,
                 uint8_t* rgb);

}  // namespace braid
