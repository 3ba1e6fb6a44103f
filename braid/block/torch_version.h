// What differs between the libtorch versions that braid is built with: 1.13 (Debian 12), 2.6
// (Debian 13) and current ones.
#pragma once

#include <torch/version.h>

#define BRAID_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) ||        \
   (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

// c10::Allocator::allocate is const in old versions; copy_data is new.
#if BRAID_TORCH_AT_LEAST(2, 3)
#define BRAID_TORCH_ALLOCATE_CONST
#define BRAID_TORCH_ALLOCATOR_COPIES 1
#else
#define BRAID_TORCH_ALLOCATE_CONST const
#define BRAID_TORCH_ALLOCATOR_COPIES 0
#endif
