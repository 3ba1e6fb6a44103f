// Heat laid over a picture, or over the waveform of a sound.
#pragma once

#include <span>

#include "braid/core/file.h"
#include "braid/modality/picture/picture.h"

namespace braid {

// heat [rows, columns] of the square that a model sees in the middle of the picture (the whole of a
// square one), stretched over it and shown from dark to bright; the hottest place is brightest. The
// picture is scaled so that its short side is at least 224. PNG bytes.
Bytes picture_with_heat(const PictureView& picture, std::span<const double> heat, int64_t rows,
                        int64_t columns);

// Samples in -1 .. 1 as a waveform, its background by heat over time. PNG bytes.
Bytes sound_with_heat(std::span<const float> samples, std::span<const double> heat);

}  // namespace braid
