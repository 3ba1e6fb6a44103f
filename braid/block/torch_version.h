// What differs between the libtorch versions that braid is built with: 1.13 (Debian 12), 2.6
// (Debian 13) and current ones.
#pragma once

#include <c10/util/Optional.h>
#include <c10/util/intrusive_ptr.h>
#include <torch/version.h>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

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

// A node of the autograd graph, in the pointer that graphs of this version hold.
template <class Node, class... Arguments>
auto make_graph_node(Arguments&&... arguments) {
  if constexpr (std::is_base_of_v<c10::intrusive_ptr_target, Node>) {
    return c10::make_intrusive<Node>(std::forward<Arguments>(arguments)...);
  } else {
    return std::make_shared<Node>(std::forward<Arguments>(arguments)...);
  }
}

}  // namespace braid
