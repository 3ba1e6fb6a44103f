// Small pictures for pages; a value that is no picture gives none.
#pragma once

#include <span>

#include "braid/data/dataset.h"
#include "braid/report/report.h"

namespace braid {

Thumbnail thumbnail_or_none(std::span<const std::byte> picture);
Thumbnail fetch_thumbnail(const Value& value);

}  // namespace braid
