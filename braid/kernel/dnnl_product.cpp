// oneDNN of version 2 (Debian 12) and 3 (Debian 13): the only file that knows the two.
#include "braid/kernel/dnnl_product.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>

#include "braid/core/error.h"

namespace braid {
namespace {

using Description = dnnl::memory::desc;
using DataType = dnnl::memory::data_type;

constexpr size_t kMaxPlans = 1024;  // text lengths vary: rows take many values

// A factor as the caller holds it and as the product takes it; `copy` between, where they differ.
struct Factor {
  Description given, taken;
  dnnl::reorder copy;

  bool copied() const { return given != taken; }
};

struct MatmulPlan {
  Factor a, b;
  Description bias, c, scratch;
  dnnl::matmul product;
};

using PlanKey = std::array<int64_t, 15>;

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::memory::dims sizes(int64_t batch, int64_t rows, int64_t columns) {
  return batch == 1 ? dnnl::memory::dims{rows, columns} : dnnl::memory::dims{batch, rows, columns};
}

Description layout(int64_t batch, int64_t rows, int64_t columns, const MatrixIn& x) {
  const auto strides = batch == 1 ? dnnl::memory::dims{x.row, x.column}
                                  : dnnl::memory::dims{x.batch, x.row, x.column};
  return Description(sizes(batch, rows, columns), DataType::f32, strides);
}

// What is asked for a factor: as given, or whatever layout the library likes.
Description asked(const Description& given, bool copied, DataType type,
                  const dnnl::memory::dims& dims) {
  return copied ? Description(dims, type, dnnl::memory::format_tag::any) : given;
}

dnnl::matmul::primitive_desc describe(const MatmulPlan& plan, const Description& a,
                                      const Description& b, bool has_bias, bool add) {
  dnnl::primitive_attr attributes;
  // The library's own scratchpad belongs to the thread that made the primitive; ours to the caller.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (add) {
    dnnl::post_ops after;
    after.append_sum();
    attributes.set_post_ops(after);
  }
#if DNNL_VERSION_MAJOR >= 3
  return has_bias ? dnnl::matmul::primitive_desc(cpu_engine(), a, b, plan.bias, plan.c, attributes)
                  : dnnl::matmul::primitive_desc(cpu_engine(), a, b, plan.c, attributes);
#else
  return {has_bias ? dnnl::matmul::desc(a, b, plan.bias, plan.c) : dnnl::matmul::desc(a, b, plan.c),
          attributes, cpu_engine()};
#endif
}

void set_taken(Factor& factor, const Description& taken) {
  factor.taken = taken;
  if (!factor.copied()) return;
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::library);
  factor.copy = dnnl::reorder(
      dnnl::reorder::primitive_desc(cpu_engine(), factor.given, cpu_engine(), taken, attributes));
}

std::shared_ptr<const MatmulPlan> make_plan(DnnlWay way, const MatmulShape& s, const MatrixIn& a,
                                            const MatrixIn& b, bool has_bias, const MatrixOut& c) {
  auto plan = std::make_shared<MatmulPlan>();
  plan->a.given = layout(s.batch, s.m, s.k, a);
  plan->b.given = layout(s.batch, s.k, s.n, b);
  plan->c = layout(s.batch, s.m, s.n, {c.data, c.row, 1, c.batch});
  if (has_bias) plan->bias = layout(1, 1, s.n, {nullptr, s.n, 1, 0});
  const auto type = way == DnnlWay::kBf16 ? DataType::bf16 : DataType::f32;
  const auto description =
      describe(*plan, asked(plan->a.given, way == DnnlWay::kBf16, type, sizes(s.batch, s.m, s.k)),
               asked(plan->b.given, way != DnnlWay::kPlain, type, sizes(s.batch, s.k, s.n)),
               has_bias, c.add);
  set_taken(plan->a, description.src_desc());
  set_taken(plan->b, description.weights_desc());
  plan->scratch = description.scratchpad_desc();
  plan->product = dnnl::matmul(description);
  return plan;
}

std::shared_ptr<const MatmulPlan> find_plan(DnnlWay way, const MatmulShape& s, const MatrixIn& a,
                                            const MatrixIn& b, bool has_bias, const MatrixOut& c) {
  static std::mutex mutex;
  static std::map<PlanKey, std::shared_ptr<const MatmulPlan>> plans;
  const PlanKey key{static_cast<int64_t>(way),
                    s.batch,
                    s.m,
                    s.k,
                    s.n,
                    a.row,
                    a.column,
                    a.batch,
                    b.row,
                    b.column,
                    b.batch,
                    c.row,
                    c.batch,
                    has_bias,
                    c.add};
  const std::lock_guard lock(mutex);
  if (const auto found = plans.find(key); found != plans.end()) return found->second;
  if (plans.size() >= kMaxPlans) plans.clear();
  return plans[key] = make_plan(way, s, a, b, has_bias, c);
}

// Memory for one call, kept by its thread and grown when needed.
std::byte* thread_bytes(size_t size) {
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

size_t aligned(size_t size) { return (size + 63) / 64 * 64; }

dnnl::memory memory_at(const Description& description, const void* data) {
  return {description, cpu_engine(), const_cast<void*>(data)};
}

// The factor as the product takes it, in `space` where it has to be copied.
dnnl::memory taken(const Factor& factor, const float* data, std::byte* space,
                   dnnl::stream& stream) {
  auto given = memory_at(factor.given, data);
  if (!factor.copied()) return given;
  auto copy = memory_at(factor.taken, space);
  factor.copy.execute(stream, given, copy);
  return copy;
}

void run_sgemm(const MatmulShape& s, const MatrixIn& a, const MatrixIn& b, const float* bias,
               const MatrixOut& c) {
  if (bias) {
    for (int64_t r = 0; r < s.m; ++r) {
      float* row = c.data + r * c.row;
      std::transform(bias, bias + s.n, row, row,
                     [&](float x, float y) { return c.add ? x + y : x; });
    }
  }
  const bool a_plain = a.column == 1, b_plain = b.column == 1;
  const auto status =
      dnnl_sgemm(a_plain ? 'N' : 'T', b_plain ? 'N' : 'T', s.m, s.n, s.k, 1.0f, a.data,
                 a_plain ? a.row : a.column, b.data, b_plain ? b.row : b.column,
                 bias || c.add ? 1.0f : 0.0f, c.data, c.row);
  if (status != dnnl_success) {
    throw Error(ErrorCode::kInternal, "dnnl_sgemm failed with status " + std::to_string(status));
  }
}

void run_plan(DnnlWay way, const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b,
              const float* bias, const MatrixOut& c) {
  const auto plan = find_plan(way, shape, a, b, bias != nullptr, c);
  thread_local dnnl::stream stream(cpu_engine());
  const auto copied = [](const Factor& f) {
    return f.copied() ? aligned(f.taken.get_size()) : size_t{0};
  };
  const size_t a_size = copied(plan->a), b_size = copied(plan->b);
  auto* bytes = thread_bytes(a_size + b_size + plan->scratch.get_size());
  std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_SRC, taken(plan->a, a.data, bytes, stream)},
      {DNNL_ARG_WEIGHTS, taken(plan->b, b.data, bytes + a_size, stream)},
      {DNNL_ARG_DST, memory_at(plan->c, c.data)}};
  if (bias) arguments.emplace(DNNL_ARG_BIAS, memory_at(plan->bias, bias));
  if (plan->scratch.get_size() > 0) {
    arguments.emplace(DNNL_ARG_SCRATCHPAD, memory_at(plan->scratch, bytes + a_size + b_size));
  }
  plan->product.execute(stream, arguments);
  stream.wait();
}

}  // namespace

void run_dnnl(DnnlWay way, const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b,
              const float* bias, const MatrixOut& c) {
  if (way == DnnlWay::kSgemm) return run_sgemm(shape, a, b, bias, c);
  try {
    run_plan(way, shape, a, b, bias, c);
  } catch (const dnnl::error& problem) {
    throw Error(ErrorCode::kInternal, std::string("oneDNN matmul: ") + problem.what());
  }
}

}  // namespace braid
