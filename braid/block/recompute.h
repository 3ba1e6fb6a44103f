// A stretch of the graph that is computed twice instead of remembered: first without a graph, and
// again, with the same random numbers, when its gradient arrives. Between the two it costs the
// memory of its result alone.
// Source: Chen et al. 2016 (Training deep nets with sublinear memory cost). A batch cut into such
// stretches in front of a loss that sees all of it: Gao et al. 2021 (GradCache).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace braid {

// What `run` returns. backward() runs it once more and adds the gradients to the leaves that it
// reaches. `run` must give the same tensor for the same random numbers and keep alive what it
// reads; it is let go with the graph. One backward() only, and none of the second order.
at::Tensor recomputed(std::function<at::Tensor()> run, at::Device device, uint64_t seed);

}  // namespace braid
