// What differs between the libtorch versions that braid is built with: 1.13 (Debian 12), 2.6
// (Debian 13) and current ones.
#pragma once

#include <c10/util/Optional.h>
#include <torch/version.h>

#include <optional>

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

// Autocast is asked by device type since 2.4.
#if BRAID_TORCH_AT_LEAST(2, 4)
#define BRAID_TORCH_AUTOCAST_BY_DEVICE 1
#else
#define BRAID_TORCH_AUTOCAST_BY_DEVICE 0
#endif

namespace braid {

// What tensor operations take for an argument that may be missing.
#if BRAID_TORCH_AT_LEAST(2, 4)
template <class T>
using TorchOptional = std::optional<T>;
#else
template <class T>
using TorchOptional = c10::optional<T>;
#endif

}  // namespace braid
