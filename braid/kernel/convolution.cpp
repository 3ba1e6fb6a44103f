// Convolution through oneDNN: floats in and out, in bfloat16 inside where that is asked for.
#include "braid/kernel/convolution.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <string>

#include "braid/core/error.h"
#include "braid/kernel/convolution_patches.h"
#include "braid/kernel/dnnl_parts.h"

namespace braid {
namespace {

using Description = dnnl::memory::desc;
using DataType = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

enum class Pass { kForward, kBackwardInput, kBackwardWeight };

struct ConvolutionPlan {
  DnnlFactor x, w, y;  // or their gradients
  Description scratch;
  dnnl::primitive run;
};

struct Sizes {
  dnnl::memory::dims x, w, y;

  explicit Sizes(const ConvolutionShape& s)
      : x{s.pictures, s.in, s.height, s.width},
        w{s.out, s.in, s.side, s.side},
        y{s.pictures, s.out, s.out_height(), s.out_width()} {}
};

struct Tensors {
  Description x, w, y;
};

Tensors as_given(const ConvolutionShape& s) {
  const Sizes sizes(s);
  const auto pictures = s.layout == PictureLayout::kChannelsLast ? Tag::nhwc : Tag::nchw;
  return {Description(sizes.x, DataType::f32, pictures),
          Description(sizes.w, DataType::f32, Tag::oihw),
          Description(sizes.y, DataType::f32, pictures)};
}

// As asked of the library: a pass's factors in `precision`, what it makes in float32. Pictures stay
// in their layout where channels lie last.
Tensors as_asked(Pass pass, const ConvolutionShape& s, Precision precision) {
  const Sizes sizes(s);
  const auto factors = precision == Precision::kBf16 ? DataType::bf16 : DataType::f32;
  const auto pictures = s.layout == PictureLayout::kChannelsLast ? Tag::nhwc : Tag::any;
  const auto type = [&](Pass makes) { return pass == makes ? DataType::f32 : factors; };
  return {Description(sizes.x, type(Pass::kBackwardInput), pictures),
          Description(sizes.w, type(Pass::kBackwardWeight), Tag::any),
          Description(sizes.y, type(Pass::kForward), pictures)};
}

struct Steps {
  dnnl::memory::dims strides, padding;
  explicit Steps(const ConvolutionShape& s)
      : strides{s.stride, s.stride}, padding{s.side / 2, s.side / 2} {}
};

constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;

// Versions 2 (Debian 12) and 3 (Debian 13) differ in how a primitive is described.
dnnl::convolution_forward::primitive_desc describe_forward(const Tensors& a, const Steps& steps) {
  constexpr auto kKind = dnnl::prop_kind::forward_training;
#if DNNL_VERSION_MAJOR >= 3
  return {dnnl_cpu(),    kKind,         kAlgorithm,    a.x, a.w, a.y,
          steps.strides, steps.padding, steps.padding, scratch_from_caller()};
#else
  return {{kKind, kAlgorithm, a.x, a.w, a.y, steps.strides, steps.padding, steps.padding},
          scratch_from_caller(),
          dnnl_cpu()};
#endif
}

template <class Primitive>
typename Primitive::primitive_desc describe_backward(
    const Description& left, const Description& right, const Description& dy, const Steps& steps,
    const dnnl::convolution_forward::primitive_desc& forward) {
#if DNNL_VERSION_MAJOR >= 3
  return {dnnl_cpu(),    kAlgorithm,    left,    right,                dy, steps.strides,
          steps.padding, steps.padding, forward, scratch_from_caller()};
#else
  return {{kAlgorithm, left, right, dy, steps.strides, steps.padding, steps.padding},
          scratch_from_caller(),
          dnnl_cpu(),
          forward};
#endif
}

ConvolutionPlan make_plan(Pass pass, const ConvolutionShape& s, Precision precision) {
  const auto given = as_given(s);
  const Steps steps(s);
  // Of a backward pass: a hint.
  const auto forward = describe_forward(as_asked(Pass::kForward, s, precision), steps);
  const auto a = as_asked(pass, s, precision);
  if (pass == Pass::kForward) {
    return {dnnl_input(given.x, forward.src_desc()), dnnl_input(given.w, forward.weights_desc()),
            dnnl_output(given.y, forward.dst_desc()), forward.scratchpad_desc(),
            dnnl::convolution_forward(forward)};
  }
  if (pass == Pass::kBackwardInput) {
    using Backward = dnnl::convolution_backward_data;
    const auto d = describe_backward<Backward>(a.x, a.w, a.y, steps, forward);
    return {dnnl_output(given.x, d.diff_src_desc()), dnnl_input(given.w, d.weights_desc()),
            dnnl_input(given.y, d.diff_dst_desc()), d.scratchpad_desc(), Backward(d)};
  }
  using Backward = dnnl::convolution_backward_weights;
  const auto d = describe_backward<Backward>(a.x, a.w, a.y, steps, forward);
  return {dnnl_input(given.x, d.src_desc()), dnnl_output(given.w, d.diff_weights_desc()),
          dnnl_input(given.y, d.diff_dst_desc()), d.scratchpad_desc(), Backward(d)};
}

std::shared_ptr<const ConvolutionPlan> find_plan(Pass pass, const ConvolutionShape& s,
                                                 Precision precision) {
  using Key = std::array<int64_t, 11>;
  static DnnlPlans<Key, ConvolutionPlan> plans;
  const Key key{static_cast<int64_t>(pass),
                static_cast<int64_t>(precision),
                static_cast<int64_t>(s.layout),
                s.pictures,
                s.height,
                s.width,
                s.in,
                s.out,
                s.side,
                s.stride,
                omp_get_max_threads()};
  return plans.find(key, [&] { return make_plan(pass, s, precision); });
}

struct Input {
  int argument;
  const DnnlFactor& factor;
  const float* data;
};

// One primitive: two inputs, one output, copied where it wants them in another form.
void run(const ConvolutionPlan& plan, const Input& a, const Input& b, int output_argument,
         const DnnlFactor& output, float* data) {
  const size_t a_end = a.factor.bytes(), b_end = a_end + b.factor.bytes(),
               output_end = b_end + output.bytes();
  auto* bytes = dnnl_bytes(output_end + plan.scratch.get_size());
  const auto made = memory_at(output.taken, output.copied() ? bytes + b_end : nullptr);
  auto given = memory_at(output.given, data);
  const auto scratch = memory_at(plan.scratch, bytes + output_end);
  plan.run.execute(dnnl_stream(), {{a.argument, taken_input(a.factor, a.data, bytes)},
                                   {b.argument, taken_input(b.factor, b.data, bytes + a_end)},
                                   {output_argument, output.copied() ? made : given},
                                   {DNNL_ARG_SCRATCHPAD, scratch}});
  if (output.copied()) {
    auto from = made;
    output.copy.execute(dnnl_stream(), from, given);
  }
  dnnl_stream().wait();
}

void check(const ConvolutionShape& s, Precision precision) {
  if (std::min({s.pictures, s.height, s.width, s.in, s.out}) < 0 || s.side < 1 ||
      s.side % 2 == 0 || s.stride < 1) {
    throw Error(ErrorCode::kShape,
                "convolution: expected sizes of 0 or more, an odd side and a stride of 1 or more, "
                "got pictures " +
                    std::to_string(s.pictures) + " x " + std::to_string(s.height) + " x " +
                    std::to_string(s.width) + ", channels " + std::to_string(s.in) + " -> " +
                    std::to_string(s.out) + ", side " + std::to_string(s.side) + ", stride " +
                    std::to_string(s.stride));
  }
  if (precision == Precision::kBf16 && !has_bf16())
    throw Error(ErrorCode::kUsage, "convolution: this processor does not multiply bfloat16");
}

// Without pictures or channels the sums are empty, and the library is not asked.
bool is_empty(const ConvolutionShape& s) { return s.x_size() == 0 || s.w_size() == 0; }

template <class Run>
void guarded(const Run& run) {
  try {
    run();
  } catch (const dnnl::error& problem) {
    throw Error(ErrorCode::kInternal, std::string("oneDNN convolution: ") + problem.what());
  }
}

}  // namespace

void convolution_forward(const ConvolutionShape& s, const float* x, const float* w, float* y,
                         Precision precision) {
  check(s, precision);
  if (is_empty(s)) return void(std::fill_n(y, s.y_size(), 0.0f));
  guarded([&] {
    const auto plan = find_plan(Pass::kForward, s, precision);
    run(*plan, {DNNL_ARG_SRC, plan->x, x}, {DNNL_ARG_WEIGHTS, plan->w, w}, DNNL_ARG_DST, plan->y,
        y);
  });
}

void convolution_backward_input(const ConvolutionShape& s, const float* dy, const float* w,
                                float* dx, Precision precision) {
  check(s, precision);
  if (is_empty(s)) return void(std::fill_n(dx, s.x_size(), 0.0f));
  guarded([&] {
    const auto plan = find_plan(Pass::kBackwardInput, s, precision);
    run(*plan, {DNNL_ARG_DIFF_DST, plan->y, dy}, {DNNL_ARG_WEIGHTS, plan->w, w},
        DNNL_ARG_DIFF_SRC, plan->x, dx);
  });
}

void convolution_backward_weight(const ConvolutionShape& s, const float* dy, const float* x,
                                 float* dw, Precision precision) {
  check(s, precision);
  if (is_empty(s)) return void(std::fill_n(dw, s.w_size(), 0.0f));
  // In bfloat16 the library's threads wait for each other at every picture, without letting go of
  // their cores: beside other programs a step took thirty times as long.
  if (precision == Precision::kBf16) return filter_gradient_of_patches(s, dy, x, dw, precision);
  guarded([&] {
    const auto plan = find_plan(Pass::kBackwardWeight, s, precision);
    run(*plan, {DNNL_ARG_DIFF_DST, plan->y, dy}, {DNNL_ARG_SRC, plan->x, x},
        DNNL_ARG_DIFF_WEIGHTS, plan->w, dw);
  });
}

}  // namespace braid
