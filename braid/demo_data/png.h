// Pictures to PNG bytes.
#pragma once

#include "braid/core/array.h"
#include "braid/core/file.h"

namespace braid {

// `picture` [H, W, 4] u8, RGBA. Throws Error(kShape) otherwise.
Bytes rgba_png(const Array& picture);

}  // namespace braid
