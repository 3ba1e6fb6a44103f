#include "braid/block/dropout.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "braid/block/random_scope.h"
#include "braid/kernel/dropout_draws.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// out[i] = keep(i) ? x[i] * scale : 0
at::Tensor apply_mask(const at::Tensor& x, uint64_t key, double p) {
  const auto in = x.contiguous();
  auto out = at::empty_like(in);
  const uint32_t threshold = dropout_threshold(p);
  const double scale = dropout_scale(threshold);
  constexpr int64_t kGrain = 1 << 14;
  AT_DISPATCH_FLOATING_TYPES(in.scalar_type(), "dropout", [&] {
    const auto* from = in.data_ptr<scalar_t>();
    auto* to = out.data_ptr<scalar_t>();
    const int64_t count = in.numel();
    at::parallel_for(0, (count + 3) / 4, kGrain, [&](int64_t begin, int64_t end) {
      const scalar_t factors[2] = {scalar_t(0), static_cast<scalar_t>(scale)};
      for (int64_t quad = begin; quad < end; ++quad) {
        uint64_t bits = dropout_bits(key, static_cast<uint64_t>(quad));
        const int64_t last = std::min(count, quad * 4 + 4);
        for (int64_t i = quad * 4; i < last; ++i, bits >>= 16)
          to[i] = from[i] * factors[(bits & 0xffff) >= threshold];
      }
    });
  });
  return out;
}

struct DropoutFunction : public Function<DropoutFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, int64_t key, double p) {
    context->saved_data["key"] = key;
    context->saved_data["p"] = p;
    return apply_mask(x, static_cast<uint64_t>(key), p);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto key = static_cast<uint64_t>(context->saved_data["key"].toInt());
    return {apply_mask(gradients[0], key, context->saved_data["p"].toDouble()), {}, {}};
  }
};

// 0 or 1 / (1 - p) for each sample.
at::Tensor path_factors(int64_t count, double p, const at::TensorOptions& options) {
  return at::rand({count}, at::kDouble).ge(p).to(options) / (1 - p);  // [B]
}

}  // namespace

at::Tensor apply_dropout(const at::Tensor& x, double p, bool training) {
  if (!training || p == 0) return x;
  if (!x.device().is_cpu()) return at::dropout(x, p, true);
  return DropoutFunction::apply(x, static_cast<int64_t>(draw_seed()), p);
}

at::Tensor drop_path(const at::Tensor& x, double p, bool training) {
  if (!training || p == 0) return x;
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  return x * path_factors(x.size(0), p, x.options()).view(shape);
}

at::Tensor drop_path(const at::Tensor& x, const Segments& segments, double p, bool training) {
  if (!training || p == 0) return x;
  const auto keep = path_factors(segments.count(), p, x.options());
  return x * keep.index_select(0, segments.sample_of_row(x.device())).unsqueeze(1);
}

}  // namespace braid
