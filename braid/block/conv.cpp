#include "braid/block/conv.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <cmath>

#include "braid/block/device.h"
#include "braid/block/initial.h"
#include "braid/block/rows.h"
#include "braid/kernel/convolution.h"

namespace braid {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

at::MemoryFormat format_of(PictureLayout layout) {
  return layout == PictureLayout::kChannelsLast ? at::MemoryFormat::ChannelsLast
                                                : at::MemoryFormat::Contiguous;
}

ConvolutionShape shape_of(const at::Tensor& x, const at::Tensor& w, int64_t stride,
                          PictureLayout layout) {
  return {x.size(0), x.size(2), x.size(3), w.size(1), w.size(0), w.size(2), stride, layout};
}

at::Tensor pictures(at::IntArrayRef sizes, const at::Tensor& like, PictureLayout layout) {
  return at::empty(sizes, like.options().memory_format(format_of(layout)));
}

struct ConvFunction : public Function<ConvFunction> {
  enum Input { kX, kWeight };

  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w,
                            int64_t stride) {
    const auto layout = x.suggest_memory_format() == at::MemoryFormat::ChannelsLast
                            ? PictureLayout::kChannelsLast
                            : PictureLayout::kPlanes;
    const auto values = x.contiguous(format_of(layout)), filters = w.contiguous();
    const auto shape = shape_of(x, w, stride, layout);
    const auto precision = products_in();
    context->saved_data["stride"] = stride;
    context->saved_data["layout"] = static_cast<int64_t>(layout);
    context->saved_data["precision"] = static_cast<int64_t>(precision);
    context->save_for_backward({values, filters});
    auto y =
        pictures({shape.pictures, shape.out, shape.out_height(), shape.out_width()}, x, layout);
    convolution_forward(shape, values.data_ptr<float>(), filters.data_ptr<float>(),
                        y.data_ptr<float>(), precision);
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &w = saved[1];
    const auto layout = static_cast<PictureLayout>(context->saved_data["layout"].toInt());
    const auto precision = static_cast<Precision>(context->saved_data["precision"].toInt());
    const auto shape = shape_of(x, w, context->saved_data["stride"].toInt(), layout);
    const auto dy = gradients[0].contiguous(format_of(layout));
    at::Tensor dx, dw;
    if (context->needs_input_grad(kX)) {
      dx = pictures(x.sizes(), x, layout);
      convolution_backward_input(shape, dy.data_ptr<float>(), w.data_ptr<float>(),
                                 dx.data_ptr<float>(), precision);
    }
    if (context->needs_input_grad(kWeight)) {
      dw = at::empty_like(w);
      convolution_backward_weight(shape, dy.data_ptr<float>(), x.data_ptr<float>(),
                                  dw.data_ptr<float>(), precision);
    }
    return {dx, dw, at::Tensor()};
  }
};

}  // namespace

Conv2d::Conv2d(int64_t in, int64_t out, int64_t side, int64_t stride) : stride_(stride) {
  const double deviation = std::sqrt(2.0 / static_cast<double>(out * side * side));
  weight_ = register_parameter("weight", normal_weights({out, in, side, side}, deviation));
}

at::Tensor Conv2d::forward(const at::Tensor& x) const {
  if (has_kernel(x) && use_kernels()) return ConvFunction::apply(x, weight_, stride_);
  return at::conv2d(x, weight_, {}, stride_, weight_.size(2) / 2);
}

double Conv2d::flops(int64_t out_height, int64_t out_width) const {
  return 2.0 * static_cast<double>(weight_.numel() * out_height * out_width);
}

}  // namespace braid
