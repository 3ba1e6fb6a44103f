#include "braid/alignment/matryoshka.h"

#include <algorithm>

namespace braid {
namespace {

at::Tensor prefix(const at::Tensor& vectors, int64_t width) {
  return vectors.defined() ? vectors.narrow(1, 0, width) : vectors;
}

class Matryoshka final : public Alignment {
 public:
  Matryoshka(std::shared_ptr<Alignment> loss, std::vector<PrefixWidth> widths)
      : loss_(register_module("loss", std::move(loss))), widths_(std::move(widths)) {
    std::stable_sort(widths_.begin(), widths_.end(),
                     [](const auto& a, const auto& b) { return a.width > b.width; });
  }

  AlignmentLoss forward(const Pairs& pairs) override {
    AlignmentLoss sum;
    double weights = 0;
    for (const auto& [width, weight] : widths_) {
      const auto out =
          loss_->forward({prefix(pairs.a, width), prefix(pairs.b, width), pairs.identity,
                          prefix(pairs.a_key, width), prefix(pairs.b_key, width)});
      sum.loss = sum.loss.defined() ? sum.loss + weight * out.loss : weight * out.loss;
      if (!sum.accuracy.defined()) sum.accuracy = out.accuracy;
      weights += weight;
    }
    sum.loss = sum.loss / weights;
    return sum;
  }

  std::vector<std::pair<std::string, double>> readings() const override {
    return loss_->readings();
  }
  double momentum() const override { return loss_->momentum(); }
  void remember(const Pairs& pairs) override { loss_->remember(pairs); }
  void bound() override { loss_->bound(); }

 private:
  std::shared_ptr<Alignment> loss_;
  std::vector<PrefixWidth> widths_;  // widest first
};

}  // namespace

std::shared_ptr<Alignment> at_widths(std::shared_ptr<Alignment> loss,
                                     std::vector<PrefixWidth> widths) {
  return std::make_shared<Matryoshka>(std::move(loss), std::move(widths));
}

}  // namespace braid
