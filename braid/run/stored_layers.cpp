#include "braid/run/stored_layers.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "braid/core/array.h"
#include "braid/core/error.h"
#include "braid/kernel/activation.h"
#include "braid/kernel/attention.h"
#include "braid/kernel/linear.h"
#include "braid/kernel/norm.h"

namespace braid {

const float* StoredTensors::floats(const std::string& name,
                                   std::initializer_list<int64_t> shape) const {
  const auto full = prefix_ + name;
  const auto* array = file_->find(full);
  if (!array) {
    throw Error(ErrorCode::kState,
                where_ + ": holds no tensor '" + full + "', which this recipe needs");
  }
  const std::vector<int64_t> expected(shape);
  if (array->shape() != expected || array->dtype() != DType::kF32) {
    throw Error(ErrorCode::kState, where_ + ": tensor '" + full + "': expected F32 " +
                                       shape_text(expected) + ", got " +
                                       dtype_name(array->dtype()) + " " +
                                       shape_text(array->shape()));
  }
  return array->values<float>().data();
}

StoredNorm::StoredNorm(const StoredTensors& tensors, int64_t width)
    : width_(width),
      weight_(tensors.floats("weight", {width})),
      bias_(tensors.floats("bias", {width})) {}

Rows StoredNorm::forward(const Rows& x) const {
  const int64_t rows = std::ssize(x) / width_;
  Rows y(x.size()), mean(static_cast<size_t>(rows)), scale(static_cast<size_t>(rows));
  norm_forward(rows, width_,
               {x.data(), weight_, bias_, kNormEpsilon, y.data(), mean.data(), scale.data()});
  return y;
}

StoredLinear::StoredLinear(const StoredTensors& tensors, int64_t in, int64_t out)
    : in_(in),
      out_(out),
      weight_(tensors.floats("weight", {out, in})),
      bias_(tensors.floats("bias", {out})) {}

Rows StoredLinear::forward(const Rows& x) const {
  const int64_t rows = std::ssize(x) / in_;
  Rows y(static_cast<size_t>(rows * out_));
  linear_forward({rows, in_, out_}, {x.data(), in_}, {weight_, in_}, bias_, {y.data(), out_});
  return y;
}

StoredMlp::StoredMlp(const StoredTensors& tensors, int64_t in, int64_t hidden, int64_t out)
    : first_(tensors.below("first"), in, hidden), second_(tensors.below("second"), hidden, out) {}

Rows StoredMlp::forward(const Rows& x) const {
  auto hidden = first_.forward(x);
  gelu_forward(std::ssize(hidden), hidden.data(), hidden.data());
  return second_.forward(hidden);
}

StoredTransformer::StoredTransformer(const StoredTensors& tensors, const TrunkConfig& shape)
    : width_(shape.width), heads_(shape.heads), norm_(tensors.below("norm"), shape.width) {
  for (int64_t i = 0; i < shape.depth; ++i) {
    const auto block = tensors.below(std::to_string(i));
    const auto attention = block.below("attention");
    blocks_.push_back({StoredNorm(block.below("attention_norm"), width_),
                       StoredLinear(attention.below("input"), width_, 3 * width_),
                       StoredLinear(attention.below("output"), width_, width_),
                       StoredNorm(block.below("mlp_norm"), width_),
                       StoredMlp(block.below("mlp"), width_, shape.mlp_ratio * width_, width_)});
  }
}

Rows StoredTransformer::attend(const Rows& qkv) const {
  const int64_t stride = 3 * width_, rows = std::ssize(qkv) / stride, head = width_ / heads_;
  const std::vector<int64_t> offsets = {0, rows};
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(head)));
  const auto part = [&](int64_t i) { return HeadsIn{qkv.data() + i * width_, stride, head}; };
  Rows out(static_cast<size_t>(rows * width_)), lse(static_cast<size_t>(heads_ * rows));
  attention_forward({offsets, offsets, heads_, head, scale},
                    {part(0), part(1), part(2), {out.data(), width_, head}, lse.data()});
  return out;
}

Rows StoredTransformer::forward(Rows x) const {
  for (const auto& block : blocks_) {
    const auto seen = attend(block.input.forward(block.attention_norm.forward(x)));
    add_rows(x, block.output.forward(seen));
    add_rows(x, block.mlp.forward(block.mlp_norm.forward(x)));
  }
  return norm_.forward(x);
}

void add_rows(Rows& x, const Rows& y) { std::ranges::transform(x, y, x.begin(), std::plus<>()); }

}  // namespace braid
