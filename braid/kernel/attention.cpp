#include "braid/kernel/attention.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <new>
#include <string>

#include "braid/core/error.h"
#include "braid/kernel/attention_parts.h"
#include "braid/kernel/choice.h"

namespace braid {
namespace {

// Queries that forward takes as one task: enough to pay for packing the keys.
constexpr int64_t kQueryChunk = 256;

// Runs body(task) for all tasks, the threads taking the next ones as they become free: all heads of
// a segment where there is enough for everybody, as they lie beside each other in memory. An
// exception (no memory) may not leave the parallel region: the first is thrown behind it.
template <class Body>
void run_tasks(const std::vector<AttentionTask>& tasks, int64_t heads, const Body& body) {
  constexpr int64_t kTurns = 4;  // of each thread, so that the last ones end together
  const int64_t fair = static_cast<int64_t>(tasks.size()) / (kTurns * omp_get_max_threads());
  const int64_t chunk = std::clamp<int64_t>(fair, 1, heads);
  std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic, chunk) if (tasks.size() > 1)
  for (size_t i = 0; i < tasks.size(); ++i) {
    try {
      body(tasks[i]);
    } catch (...) {
#pragma omp critical(braid_attention_failure)
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

void forward_by_tasks(const AttentionShape& shape, const AttentionForward& call) {
  std::vector<AttentionTask> tasks;
  for (int64_t s = 0; s < shape.segments(); ++s) {
    const int64_t queries = shape.query_offsets[s + 1] - shape.query_offsets[s];
    for (int64_t h = 0; h < shape.heads; ++h) {
      for (int64_t first = 0; first < queries; first += kQueryChunk)
        tasks.push_back({s, h, first, std::min(kQueryChunk, queries - first)});
    }
  }
  run_tasks(tasks, shape.heads,
            [&](const AttentionTask& t) { attention_forward_simd(shape, call, t); });
}

void backward_by_tasks(const AttentionShape& shape, const AttentionBackward& call) {
  std::vector<AttentionTask> tasks;
  for (int64_t s = 0; s < shape.segments(); ++s) {
    const int64_t queries = shape.query_offsets[s + 1] - shape.query_offsets[s];
    if (queries == 0 && shape.key_offsets[s + 1] == shape.key_offsets[s]) continue;
    for (int64_t h = 0; h < shape.heads; ++h) tasks.push_back({s, h, 0, queries});
  }
  run_tasks(tasks, shape.heads,
            [&](const AttentionTask& t) { attention_backward_simd(shape, call, t); });
}

constexpr std::array kAttentionKernels = {
    AttentionKernel{"simd", forward_by_tasks, backward_by_tasks},
    AttentionKernel{"ref", attention_forward_ref, attention_backward_ref}};

const AttentionKernel& chosen_attention() {
  return use_kernels() ? kAttentionKernels.front() : kAttentionKernels.back();
}

void check_offsets(const char* name, std::span<const int64_t> offsets) {
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorCode::kShape, std::string("attention: ") + name + " offsets " + what);
  };
  if (offsets.empty() || offsets.front() != 0) fail("must start with 0");
  const auto fall = std::adjacent_find(offsets.begin(), offsets.end(), std::greater<>());
  if (fall != offsets.end()) {
    fail("must not fall, got " + std::to_string(fall[0]) + " before " + std::to_string(fall[1]));
  }
}

void check_shape(const AttentionShape& shape) {
  check_offsets("query", shape.query_offsets);
  check_offsets("key", shape.key_offsets);
  if (shape.query_offsets.size() != shape.key_offsets.size()) {
    throw Error(ErrorCode::kShape, "attention: " + std::to_string(shape.segments()) +
                                       " segments of queries and " +
                                       std::to_string(shape.key_offsets.size() - 1) + " of keys");
  }
  if (shape.heads < 1 || shape.width < 1) {
    throw Error(ErrorCode::kShape, "attention: expected heads and width of 1 or more, got " +
                                       std::to_string(shape.heads) + " and " +
                                       std::to_string(shape.width));
  }
}

}  // namespace

std::span<const AttentionKernel> attention_kernels() { return kAttentionKernels; }

void attention_forward(const AttentionShape& shape, const AttentionForward& call) {
  check_shape(shape);
  chosen_attention().forward(shape, call);
}

void attention_backward(const AttentionShape& shape, const AttentionBackward& call) {
  check_shape(shape);
  chosen_attention().backward(shape, call);
}

double attention_flops(const AttentionShape& shape, bool with_backward) {
  double pairs = 0;
  for (int64_t s = 0; s < shape.segments(); ++s) {
    const auto queries = shape.query_offsets[s + 1] - shape.query_offsets[s];
    const auto keys = shape.key_offsets[s + 1] - shape.key_offsets[s];
    const auto square = std::min(queries, keys);
    pairs += shape.causal ? 0.5 * static_cast<double>(square * (square + 1)) +
                                static_cast<double>((queries - square) * keys)
                          : static_cast<double>(queries * keys);
  }
  return pairs * static_cast<double>(shape.heads * shape.width) * (with_backward ? 14 : 4);
}

float* attention_scratch(size_t floats) {
  struct Free {
    void operator()(float* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  thread_local std::unique_ptr<float, Free> memory;
  thread_local size_t capacity = 0;
  if (floats > capacity) {
    memory.reset();
    capacity = 0;
    memory.reset(
        static_cast<float*>(::operator new (floats * sizeof(float), std::align_val_t{64})));
    capacity = floats;
  }
  return memory.get();
}

}  // namespace braid
