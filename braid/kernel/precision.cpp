#include "braid/kernel/precision.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace braid {
namespace {

// What the library may use; later instruction sets hold the bits of those that they include.
bool can_use(dnnl::cpu_isa wanted) {
  const auto bits = static_cast<unsigned>(wanted);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

bool made_by_amd() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_is("amd") != 0;
#else
  return false;
#endif
}

}  // namespace

const char* precision_name(Precision precision) {
  return precision == Precision::kBf16 ? "bf16" : "fp32";
}

bool has_bf16() { return can_use(dnnl::cpu_isa::avx512_core_bf16); }

bool has_fast_bf16() {
  return can_use(dnnl::cpu_isa::avx512_core_amx) || (has_bf16() && made_by_amd());
}

}  // namespace braid
