#include "braid/block/embedding_table.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "braid/block/dropout.h"
#include "braid/block/initial.h"
#include "braid/block/pooling.h"
#include "braid/block/random_scope.h"
#include "braid/core/error.h"
#include "braid/kernel/choice.h"
#include "braid/kernel/token_bag.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

struct TokenBagFunction : public Function<TokenBagFunction> {
  // table [V, D]; ids, mask [B, T], contiguous
  static at::Tensor forward(AutogradContext* context, const at::Tensor& table,
                            const at::Tensor& ids, const at::Tensor& mask, int64_t key,
                            double drop) {
    context->save_for_backward({ids, mask});
    context->saved_data["key"] = key;
    context->saved_data["drop"] = drop;
    context->saved_data["rows"] = table.size(0);
    auto pooled = at::empty({ids.size(0), table.size(1)}, table.options());
    token_bag_forward(bag_of(ids, mask, table.size(1), key, drop), table.data_ptr<float>(),
                      pooled.data_ptr<float>());
    return pooled;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    if (!context->needs_input_grad(0)) return {{}, {}, {}, {}, {}};
    const auto saved = context->get_saved_variables();
    const auto change = gradients[0].contiguous();
    auto d_table =
        at::zeros({context->saved_data["rows"].toInt(), change.size(1)}, change.options());
    token_bag_backward(
        bag_of(saved[0], saved[1], change.size(1), context->saved_data["key"].toInt(),
               context->saved_data["drop"].toDouble()),
        change.data_ptr<float>(), d_table.data_ptr<float>());
    return {d_table, {}, {}, {}, {}};
  }

  static TokenBag bag_of(const at::Tensor& ids, const at::Tensor& mask, int64_t width, int64_t key,
                         double drop) {
    return {ids.size(0),
            ids.size(1),
            width,
            ids.data_ptr<int64_t>(),
            mask.data_ptr<bool>(),
            drop,
            static_cast<uint64_t>(key)};
  }
};

}  // namespace

EmbeddingTable::EmbeddingTable(int64_t count, int64_t width, double deviation) {
  weight_ = register_parameter("weight", normal_weights({count, width}, deviation));
}

void EmbeddingTable::check(const at::Tensor& ids) const {
  if (ids.scalar_type() != at::kLong) {
    throw Error(ErrorCode::kShape, std::string("embedding: expected int64 ids, got ") +
                                       c10::toString(ids.scalar_type()));
  }
  if (ids.numel() > 0) {
    const int64_t low = ids.min().item<int64_t>(), high = ids.max().item<int64_t>();
    if (low < 0 || high >= weight_.size(0)) {
      throw Error(ErrorCode::kInput, "embedding: id " + std::to_string(low < 0 ? low : high) +
                                         " is not below " + std::to_string(weight_.size(0)));
    }
  }
}

at::Tensor EmbeddingTable::forward(const at::Tensor& ids) const {
  check(ids);
  return at::embedding(weight_, ids);
}

at::Tensor EmbeddingTable::mean(const at::Tensor& ids, const at::Tensor& mask, double drop) const {
  check(ids);
  if (use_kernels() && weight_.is_cpu() && weight_.scalar_type() == at::kFloat) {
    const auto key = drop > 0 && is_training() ? draw_seed() : 0;
    return TokenBagFunction::apply(weight_, ids.contiguous(), mask.contiguous(),
                                   static_cast<int64_t>(key), is_training() ? drop : 0);
  }
  return masked_mean(apply_dropout(at::embedding(weight_, ids), drop, is_training()), mask);
}

}  // namespace braid
