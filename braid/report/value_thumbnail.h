// Small pictures for pages; a value that is no picture gives none.
#pragma once

#include <span>

#include "braid/data/dataset.h"
#include "braid/report/report.h"

namespace braid {

Thumbnail thumbnail_or_none(std::span<const std::byte> picture);
Thumbnail fetch_thumbnail(const Value& value);
// Of a thumbnail: picture_with_heat, as small as it.
Thumbnail heat_thumbnail(const Thumbnail& picture, std::span<const double> heat, int64_t rows,
                         int64_t columns);

}  // namespace braid
