// Approximate search in one segment: a structure over its rows that says which of them are worth
// scoring. Derived from the segment, built with it and never changed; the scores stay exact.
//
//   hnsw  a layered graph of neighbours; the walk keeps `effort` rows (Malkov & Yashunin 2016)
//   ivf   clusters of rows; the rows of the `effort` nearest clusters (Sivic & Zisserman 2003)
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "braid/index/index.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

// The vectors of a segment; they outlive the Ann made over them.
struct AnnRows {
  const float* vectors = nullptr;  // [rows, width], unit
  int64_t rows = 0;
  int64_t width = 0;

  const float* row(int64_t n) const { return vectors + n * width; }
};

class Ann {
 public:
  virtual ~Ann() = default;
  // Rows near `query` [width], in no order; at least `count` where it finds them. More effort finds
  // truer ones. Many threads.
  virtual std::vector<int64_t> near(const float* query, int64_t count, int64_t effort) const = 0;
  virtual int64_t cost(int64_t effort) const = 0;    // about how many rows near() looks at
  virtual std::vector<int64_t> efforts() const = 0;  // worth trying, rising
  virtual TensorFile store() const = 0;              // what load_ann reads
};

// Fewer rows than this are compared one by one.
inline constexpr int64_t kMinAnnRows = 1000;

// `kind` is not kExact. The graph of kHnsw depends on how threads meet: two builds may differ.
std::unique_ptr<Ann> build_ann(IndexKind kind, const AnnRows& rows, int64_t threads);
// Throws Error(kInput) for what store() of an Ann over as many rows did not write.
std::unique_ptr<Ann> load_ann(IndexKind kind, const TensorFile& stored, const AnnRows& rows);

}  // namespace braid
