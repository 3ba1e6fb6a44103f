// Dropout's draws: 16 bits for each value, from a key and the value's place alone.
#pragma once

#include <cmath>
#include <cstdint>

namespace braid {

// The finaliser of SplitMix64: 64 well mixed bits, cut into four draws of 16.
inline uint64_t dropout_bits(uint64_t key, uint64_t index) {
  uint64_t z = key + (index + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// A draw below the threshold drops its value. p counts in steps of 2^-16; the scale of what stays
// fits the rounded p.
inline uint32_t dropout_threshold(double p) {
  return static_cast<uint32_t>(std::lround(p * 65536));
}
inline double dropout_scale(uint32_t threshold) { return 65536.0 / (65536.0 - threshold); }

}  // namespace braid
