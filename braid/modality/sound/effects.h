// Random changes of waveforms and of spectrograms: the views of sound.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "braid/core/rng.h"

namespace braid {

// `length` samples of `samples`, from `first`; all of them where they are fewer.
std::span<const float> cut(std::span<const float> samples, int64_t first, int64_t length);

void amplify(std::span<float> samples, double decibel);

// The last `by` samples go to the front.
void turn(std::span<float> samples, int64_t by);

// Played `factor` times as fast, by linear interpolation.
std::vector<float> at_speed(std::span<const float> samples, double factor);

// White noise of `share` of the samples' root mean square.
void add_white_noise(std::span<float> samples, double share, Rng& rng);

// Rows [begin, begin + length) of [T, F], or columns, become 0.
void blank_rows(std::span<float> picture, int64_t width, int64_t begin, int64_t length);
void blank_columns(std::span<float> picture, int64_t width, int64_t begin, int64_t length);

// To mean 0 and deviation 1 over all of [T, F], or each column for itself. What does not vary
// becomes 0.
void normalise_all(std::span<float> picture);
void normalise_columns(std::span<float> picture, int64_t width);

}  // namespace braid
