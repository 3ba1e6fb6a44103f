// The copies that fixed_factors.h keeps. For dnnl_product.cpp.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>

namespace braid {

// The copy of the factor at `data`, laid out there as `given`, in layout `taken`: made by `fill`
// the first time. Null where the factor is not in fixed memory, and where there is no room left.
std::shared_ptr<const std::byte> fixed_copy(const float* data, const dnnl::memory::desc& given,
                                            const dnnl::memory::desc& taken,
                                            const std::function<void(std::byte*)>& fill);

}  // namespace braid
