// Makes pictures and sounds worse, by numbers: a rectangle or a span is lost, noise is added.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "braid/core/rng.h"
#include "braid/modality/picture/picture.h"

namespace braid {

struct Degradation {
  double erase = 0;                // share that is lost, 0 .. 1
  std::optional<double> noise_db;  // power of what was there over that of the noise, decibels
};

// Lost is a rectangle of this share of the area, rounded to whole pixels, of a shape between 1:2 and
// 2:1 where it fits, anywhere in the picture: it has the picture's mean colour. Then white noise is
// added to all of it, equal in all channels; the power of what was there is its variance about the
// mean of each channel. Alpha stays.
void degrade(Picture& picture, const Degradation& by, Rng& rng);

// Lost is a span of this share of the length: silence. Then white noise is added to all of it; the
// power of what was there is its mean square. A sound that would leave -1 .. 1 is made softer.
void degrade(std::vector<float>& sound, const Degradation& by, Rng& rng);

}  // namespace braid
