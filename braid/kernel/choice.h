// Which kernels run: the environment variable BRAID_KERNEL, read once. To find out whether a kernel
// is at fault, and what the kernels are worth.
#pragma once

namespace braid {

enum class KernelChoice {
  kBest,   // ours (no BRAID_KERNEL)
  kTorch,  // torch: libtorch's operators wherever it has them, plain references elsewhere
  kRef,    // ref: plain references of products and attention, libtorch's operators of the rest
};

// Throws Error(kUsage) for another word.
KernelChoice kernel_choice();

inline bool use_kernels() { return kernel_choice() == KernelChoice::kBest; }

}  // namespace braid
