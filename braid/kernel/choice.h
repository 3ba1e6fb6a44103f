// Which kernels run: the environment variable BRAID_KERNEL, read once.
#pragma once

namespace braid {

// False for BRAID_KERNEL=ref: the plain references, or torch's own operators, run in place of our
// kernels. To find out whether a kernel is at fault.
bool use_kernels();

}  // namespace braid
