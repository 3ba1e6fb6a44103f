// The one thing we want from EXIF: how the camera was held.
#pragma once

#include <cstddef>
#include <span>

namespace braid {

// Orientation 1 .. 8 from a TIFF block ("II*\0..." or "MM\0*..."), 1 when it is absent or broken:
// cameras write much broken EXIF, and the picture itself is fine.
int exif_orientation(std::span<const std::byte> tiff);

}  // namespace braid
