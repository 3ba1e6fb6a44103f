// matmul through oneDNN, version 2 (Debian 12) and 3 (Debian 13): the only file that knows the two.
//
// Which of oneDNN's two ways: its matmul primitive (bias fused, weights packed on the fly) is the
// faster one at nearly every shape; dnnl_sgemm wins once b outgrows the cache (768 x 3072: 430
// against 320 GF/s on two cores). The rule looks at the shape alone, so the same shape always gives
// the same bits.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/core/error.h"
#include "braid/kernel/matmul.h"

namespace braid {
namespace {

constexpr int64_t kSgemmWeights = int64_t{1} << 21;  // elements of b
constexpr size_t kMaxPlans = 1024;                   // text lengths vary: rows take many values

// A primitive and the layouts it was made for.
struct MatmulPlan {
  dnnl::memory::desc a, b, bias, c, scratch;
  dnnl::matmul primitive;
};

using PlanKey = std::array<int64_t, 14>;

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::memory::desc layout(int64_t batch, int64_t rows, int64_t columns, const MatrixIn& x) {
  using dnnl::memory;
  if (batch == 1) {
    return memory::desc({rows, columns}, memory::data_type::f32, memory::dims{x.row, x.column});
  }
  return memory::desc({batch, rows, columns}, memory::data_type::f32,
                      memory::dims{x.batch, x.row, x.column});
}

std::shared_ptr<const MatmulPlan> make_plan(const MatmulShape& s, const MatrixIn& a,
                                            const MatrixIn& b, bool has_bias, const MatrixOut& c) {
  auto plan = std::make_shared<MatmulPlan>();
  plan->a = layout(s.batch, s.m, s.k, a);
  plan->b = layout(s.batch, s.k, s.n, b);
  plan->c = layout(s.batch, s.m, s.n, {c.data, c.row, 1, c.batch});
  if (has_bias) plan->bias = layout(1, 1, s.n, {nullptr, s.n, 1, 0});
  dnnl::primitive_attr attributes;
  // The library's own scratchpad belongs to the thread that made the primitive; ours to the caller.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (c.add) {
    dnnl::post_ops after;
    after.append_sum();
    attributes.set_post_ops(after);
  }
#if DNNL_VERSION_MAJOR >= 3
  const auto description =
      has_bias ? dnnl::matmul::primitive_desc(cpu_engine(), plan->a, plan->b, plan->bias, plan->c,
                                              attributes)
               : dnnl::matmul::primitive_desc(cpu_engine(), plan->a, plan->b, plan->c, attributes);
#else
  const dnnl::matmul::primitive_desc description(
      has_bias ? dnnl::matmul::desc(plan->a, plan->b, plan->bias, plan->c)
               : dnnl::matmul::desc(plan->a, plan->b, plan->c),
      attributes, cpu_engine());
#endif
  plan->scratch = description.scratchpad_desc();
  plan->primitive = dnnl::matmul(description);
  return plan;
}

std::shared_ptr<const MatmulPlan> find_plan(const MatmulShape& s, const MatrixIn& a,
                                            const MatrixIn& b, bool has_bias, const MatrixOut& c) {
  static std::mutex mutex;
  static std::map<PlanKey, std::shared_ptr<const MatmulPlan>> plans;
  const PlanKey key{s.batch, s.m,      s.k,     s.n,   a.row,   a.column, a.batch,
                    b.row,   b.column, b.batch, c.row, c.batch, has_bias, c.add};
  const std::lock_guard lock(mutex);
  if (const auto found = plans.find(key); found != plans.end()) return found->second;
  if (plans.size() >= kMaxPlans) plans.clear();
  return plans[key] = make_plan(s, a, b, has_bias, c);
}

// Memory for one call, kept by its thread and grown when needed.
void* scratch_bytes(size_t size) {
  struct Free {
    void operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  thread_local std::unique_ptr<std::byte, Free> bytes;
  thread_local size_t capacity = 0;
  if (size > capacity) {
    bytes.reset(static_cast<std::byte*>(::operator new (size, std::align_val_t{64})));
    capacity = size;
  }
  return bytes.get();
}

void run_plan(const MatmulPlan& plan, const MatrixIn& a, const MatrixIn& b, const float* bias,
              float* c) {
  thread_local dnnl::stream stream(cpu_engine());
  const auto at = [](const dnnl::memory::desc& description, const void* data) {
    return dnnl::memory(description, cpu_engine(), const_cast<void*>(data));
  };
  std::unordered_map<int, dnnl::memory> arguments = {{DNNL_ARG_SRC, at(plan.a, a.data)},
                                                     {DNNL_ARG_WEIGHTS, at(plan.b, b.data)},
                                                     {DNNL_ARG_DST, at(plan.c, c)}};
  if (bias) arguments.emplace(DNNL_ARG_BIAS, at(plan.bias, bias));
  if (const size_t size = plan.scratch.get_size()) {
    arguments.emplace(DNNL_ARG_SCRATCHPAD, at(plan.scratch, scratch_bytes(size)));
  }
  plan.primitive.execute(stream, arguments);
  stream.wait();
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

// One column with gaps: made without them, then spread.
void run_column(const MatmulShape& s, const MatrixIn& a, const MatrixIn& b, const float* bias,
                const MatrixOut& c) {
  std::vector<float> column(static_cast<size_t>(s.batch * s.m));
  matmul_dnnl(s, a, b, bias, {column.data(), 1, s.m});
  for (int64_t i = 0; i < s.batch; ++i) {
    for (int64_t r = 0; r < s.m; ++r) {
      float& to = c.data[i * c.batch + r * c.row];
      to = column[static_cast<size_t>(i * s.m + r)] + (c.add ? to : 0);
    }
  }
}

}  // namespace

void matmul_dnnl(const MatmulShape& shape, const MatrixIn& a, const MatrixIn& b, const float* bias,
                 const MatrixOut& c) {
  if (shape.batch == 1 && shape.k * shape.n >= kSgemmWeights)
    return run_sgemm(shape, a, b, bias, c);
  // oneDNN 3 takes the stride of a matrix with one column for no stride at all.
  if (shape.n == 1 && c.row > 1) return run_column(shape, a, b, bias, c);
  try {
    run_plan(*find_plan(shape, a, b, bias != nullptr, c), a, b, bias, c.data);
  } catch (const dnnl::error& problem) {
    throw Error(ErrorCode::kInternal, std::string("oneDNN matmul: ") + problem.what());
  }
}

}  // namespace braid
