// What the implementations of attention share; not for callers.
#pragma once

#include <cstddef>
#include <vector>

#include "braid/kernel/attention.h"

namespace braid {

inline const float* head_row(const HeadsIn& x, int64_t row, int64_t head) {
  return x.data + row * x.row + head * x.head;
}

inline float* head_row(const HeadsOut& x, int64_t row, int64_t head) {
  return x.data + row * x.row + head * x.head;
}

// One head of one segment; in forward only the queries first .. first + count - 1 of it.
struct AttentionTask {
  int64_t segment = 0;
  int64_t head = 0;
  int64_t first = 0;
  int64_t count = 0;
};

// Memory of one thread, grown when needed and never given back before the thread ends.
float* attention_scratch(size_t floats);

void attention_forward_ref(const AttentionShape& shape, const AttentionForward& call);
void attention_backward_ref(const AttentionShape& shape, const AttentionBackward& call);

// Each task by the best instruction set; tasks may run in any order and at once.
void attention_forward_simd(const AttentionShape& shape, const AttentionForward& call,
                            const AttentionTask& task);
void attention_backward_simd(const AttentionShape& shape, const AttentionBackward& call,
                             const AttentionTask& task);

}  // namespace braid
