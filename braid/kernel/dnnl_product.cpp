#include "braid/kernel/dnnl_product.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/kernel/dnnl_parts.h"

namespace braid {
namespace {

using Description = dnnl::memory::desc;
using DataType = dnnl::memory::data_type;

struct MatmulPlan {
  DnnlFactor a, b;
  Description bias, c, scratch;
  dnnl::matmul product;
};

using PlanKey = std::array<int64_t, 16>;

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

// Versions 2 (Debian 12) and 3 (Debian 13) differ in how a primitive is described.
dnnl::matmul::primitive_desc describe(const MatmulPlan& plan, const Description& a,
                                      const Description& b, bool has_bias, bool add) {
  auto attributes = scratch_from_caller();
  if (add) {
    dnnl::post_ops after;
    after.append_sum();
    attributes.set_post_ops(after);
  }
#if DNNL_VERSION_MAJOR >= 3
  return has_bias ? dnnl::matmul::primitive_desc(dnnl_cpu(), a, b, plan.bias, plan.c, attributes)
                  : dnnl::matmul::primitive_desc(dnnl_cpu(), a, b, plan.c, attributes);
#else
  return {has_bias ? dnnl::matmul::desc(a, b, plan.bias, plan.c) : dnnl::matmul::desc(a, b, plan.c),
          attributes, dnnl_cpu()};
#endif
}

MatmulPlan make_plan(DnnlWay way, const MatmulShape& s, const MatrixIn& a, const MatrixIn& b,
                     bool has_bias, const MatrixOut& c) {
  MatmulPlan plan;
  const auto a_given = layout(s.batch, s.m, s.k, a), b_given = layout(s.batch, s.k, s.n, b);
  plan.c = layout(s.batch, s.m, s.n, {c.data, c.row, 1, c.batch});
  if (has_bias) plan.bias = layout(1, 1, s.n, {nullptr, s.n, 1, 0});
  const auto type = way == DnnlWay::kBf16 ? DataType::bf16 : DataType::f32;
  const auto description =
      describe(plan, asked(a_given, way == DnnlWay::kBf16, type, sizes(s.batch, s.m, s.k)),
               asked(b_given, way != DnnlWay::kPlain, type, sizes(s.batch, s.k, s.n)), has_bias,
               c.add);
  plan.a = dnnl_input(a_given, description.src_desc());
  plan.b = dnnl_input(b_given, description.weights_desc());
  plan.scratch = description.scratchpad_desc();
  plan.product = dnnl::matmul(description);
  return plan;
}

std::shared_ptr<const MatmulPlan> find_plan(DnnlWay way, const MatmulShape& s, const MatrixIn& a,
                                            const MatrixIn& b, bool has_bias, const MatrixOut& c) {
  static DnnlPlans<PlanKey, MatmulPlan> plans;
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
                    c.add,
                    omp_get_max_threads()};
  return plans.find(key, [&] { return make_plan(way, s, a, b, has_bias, c); });
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
  auto& stream = dnnl_stream();
  const size_t a_size = plan->a.bytes(), b_size = plan->b.bytes();
  auto* bytes = dnnl_bytes(a_size + b_size + plan->scratch.get_size());
  std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_SRC, taken_input(plan->a, a.data, bytes)},
      {DNNL_ARG_WEIGHTS, taken_input(plan->b, b.data, bytes + a_size)},
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
