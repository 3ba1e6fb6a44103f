// Multi-head attention over ragged batches (Vaswani et al. 2017, eq. 1), forward and backward:
//
//   out = softmax(scale q k^T) v     for each segment and head
//
// No matrix of queries by keys is stored: forward works tile by tile (online softmax, Milakov,
// Gimelshein 2018; Dao et al. 2022) and keeps the logarithm of each row's sum, from which backward
// computes the tiles again. Pointers with strides, so that q, k, v are read where a projection
// wrote them. Free of torch.
#pragma once

#include <cstdint>
#include <span>

namespace braid {

// Queries of segment i are the rows query_offsets[i] .. query_offsets[i + 1] - 1 and look at the
// rows key_offsets[i] .. key_offsets[i + 1] - 1 of k and v. A segment may be empty.
struct AttentionShape {
  std::span<const int64_t> query_offsets;  // [B + 1], from 0, never falling
  std::span<const int64_t> key_offsets;    // [B + 1], likewise
  int64_t heads = 1;
  int64_t width = 0;                  // of one head
  float scale = 1;                    // 1 / sqrt(width)
  bool causal = false;                // query t of a segment sees its keys 0 .. t only
  const uint8_t* key_mask = nullptr;  // [rows of k], 0: nobody sees this key; null: all are seen

  int64_t segments() const { return static_cast<int64_t>(query_offsets.size()) - 1; }
  int64_t query_rows() const { return query_offsets.back(); }
  int64_t key_rows() const { return key_offsets.back(); }
};

// Head h of row r is the `width` adjacent floats at data + r * row + h * head.
struct HeadsIn {
  const float* data = nullptr;
  int64_t row = 0;
  int64_t head = 0;
};

struct HeadsOut {
  float* data = nullptr;
  int64_t row = 0;
  int64_t head = 0;
};

struct AttentionForward {
  HeadsIn q, k, v;
  HeadsOut out;  // zeros in rows that see no key
  float* lse;    // [heads, query rows]: log of the sum of exp(scores), +inf in rows without a key
};

struct AttentionBackward {
  HeadsIn q, k, v, out, d_out;  // out as forward wrote it
  const float* lse;
  HeadsOut d_q, d_k, d_v;  // every row of a segment is written, masked keys with zeros
};

struct AttentionKernel {
  const char* name;
  void (*forward)(const AttentionShape&, const AttentionForward&);
  void (*backward)(const AttentionShape&, const AttentionBackward&);
};

// All built implementations, best first; the last one, `ref`, is the plain loop and the judge.
std::span<const AttentionKernel> attention_kernels();

// Run the kernel that BRAID_KERNEL allows (read once; `ref` is the judge, anything else the best).
// Outputs must not overlap inputs or each other. Uses OpenMP's thread count; the bytes do not
// depend on it. Many threads. Not-a-number in goes to not-a-number out.
// Throw Error(kShape) for offsets that do not start at 0, fall or differ in number, and for sizes
// that are not positive.
void attention_forward(const AttentionShape& shape, const AttentionForward& call);
void attention_backward(const AttentionShape& shape, const AttentionBackward& call);

// The floating-point operations of the products: forward 4, forward + backward 14 for each query,
// visible key and element of a head.
double attention_flops(const AttentionShape& shape, bool with_backward);

}  // namespace braid
