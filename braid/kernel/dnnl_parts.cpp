#include "braid/kernel/dnnl_parts.h"

#include <new>

namespace braid {
namespace {

DnnlFactor factor(const dnnl::memory::desc& given, const dnnl::memory::desc& taken,
                  const dnnl::memory::desc& from, const dnnl::memory::desc& to) {
  DnnlFactor made{given, taken, {}};
  if (!made.copied()) return made;
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::library);
  made.copy = dnnl::reorder(
      dnnl::reorder::primitive_desc(dnnl_cpu(), from, dnnl_cpu(), to, attributes));
  return made;
}

}  // namespace

const dnnl::engine& dnnl_cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& dnnl_stream() {
  thread_local dnnl::stream stream(dnnl_cpu());
  return stream;
}

dnnl::primitive_attr scratch_from_caller() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

size_t DnnlFactor::bytes() const { return copied() ? (taken.get_size() + 63) / 64 * 64 : 0; }

DnnlFactor dnnl_input(const dnnl::memory::desc& given, const dnnl::memory::desc& taken) {
  return factor(given, taken, given, taken);
}

DnnlFactor dnnl_output(const dnnl::memory::desc& given, const dnnl::memory::desc& taken) {
  return factor(given, taken, taken, given);
}

dnnl::memory taken_input(const DnnlFactor& factor, const float* data, std::byte* space) {
  auto given = memory_at(factor.given, data);
  if (!factor.copied()) return given;
  auto copy = memory_at(factor.taken, space);
  factor.copy.execute(dnnl_stream(), given, copy);
  return copy;
}

std::byte* dnnl_bytes(size_t size) {
  struct Free {
    void operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  thread_local std::unique_ptr<std::byte, Free> bytes;
  thread_local size_t capacity = 0;
  if (size > capacity) {
    bytes.reset();
    capacity = 0;
    bytes.reset(static_cast<std::byte*>(::operator new (size, std::align_val_t{64})));
    capacity = size;
  }
  return bytes.get();
}

}  // namespace braid
