// Memory that does not change: the weights of a run that is used and not trained. Products copy a
// second factor into the layout that they like (dnnl_product.h, kPackedB); copies of factors that
// lie in such memory are kept, a GiB of them at most, instead of made anew each time. Free of torch.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace braid {

// While this lives, nobody writes to the bytes. Copies end with it. Many threads.
class FixedFactors {
 public:
  FixedFactors() = default;
  explicit FixedFactors(std::vector<std::span<const std::byte>> parts);
  ~FixedFactors();
  FixedFactors(FixedFactors&& other) noexcept { *this = std::move(other); }
  FixedFactors& operator=(FixedFactors&& other) noexcept;

 private:
  std::vector<std::span<const std::byte>> parts_;
};

size_t kept_copy_bytes();  // of all copies that are kept now

}  // namespace braid
