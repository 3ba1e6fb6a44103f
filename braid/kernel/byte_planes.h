// Interleaved RGB bytes to three float planes.
#pragma once

#include <array>
#include <cstdint>

namespace braid {

// out[c][i] = unit * rgb[3 i + c] for i of `count`.
void byte_planes(const uint8_t* rgb, int64_t count, float unit, const std::array<float*, 3>& out);

}  // namespace braid
