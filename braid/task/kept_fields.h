// Encoded values of some rows, kept so that a field's values can change places between rows without
// being encoded again.
#pragma once

#include <cstdint>
#include <vector>

#include "braid/task/field_rows.h"

namespace braid {

inline constexpr int64_t kMostShuffledRows = 2048;  // kept in memory, tokens too

// The rows of `total` that are kept: all, or as many drawn by seed, rising.
std::vector<int64_t> drawn_rows(int64_t total, uint64_t seed);

class KeptFields {
 public:
  // `rows`: rising, of those that `keep` sees.
  KeptFields(size_t fields, std::vector<int64_t> rows);

  // The next rows from `begin` on, a FieldRows each field.
  void keep(int64_t begin, const std::vector<FieldRows>& batch);
  void finish();  // no more will come

  const std::vector<int64_t>& rows() const { return rows_; }  // [R]
  // Of some of the R: a field as it is, or with each value that of another row; a row without the
  // field stays without.
  Embedding part(size_t field, int64_t begin, int64_t count, bool shuffled, int64_t width,
                 at::Device device) const;
  // Does another row have other values to give?
  bool can_shuffle(size_t field) const { return fields_[field].rows > 1; }
  // Draws who gives to whom, in one circle, so that nobody keeps its own.
  void shuffle(uint64_t seed);

 private:
  struct Kept {
    std::vector<at::Tensor> vectors, tokens, masks;  // of the batches, then of all together
    std::vector<int64_t> places, shuffled;           // [R] among them, or kAbsent
    int64_t rows = 0;                                // that have the field
    Tokens all;
  };
  std::vector<int64_t> rows_;
  std::vector<Kept> fields_;
};

}  // namespace braid
