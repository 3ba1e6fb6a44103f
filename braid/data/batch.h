// What the loader hands to training: one batch, every field of it, in the order of the recipe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "braid/modality/modality.h"

namespace braid {

// One value of each sample for one field, or all of them where it is pooled. A field has a slot per
// source, draw and view: a text field with English and Chinese columns and two views gives four
// slots, a plain image field gives one.
struct Slot {
  std::string source;            // language or other label of the column; "" when there is one
  int draw = 0;                  // which of the values drawn for one step
  int view = 0;                  // 0, or 1 for the second augmented view of the same value
  Sample batch;                  // values [B, ...], mask [B, T] or empty; pooled: [N, ...], [N, T]
  // Of a pooled field, [B + 1]: the values of sample i are rows offsets[i] .. offsets[i + 1] of
  // `batch`, none for a missing one. Else empty: each sample has its row.
  std::vector<int64_t> offsets;
  std::vector<uint8_t> present;  // [B], 0 = missing
  // [B] hash of the raw value or values, 0 = missing: equal keys are no true negatives.
  std::vector<uint64_t> value_key;
};

struct FieldBatch {
  std::string field;
  std::vector<Slot> slots;  // sources outermost, then draws, views inner
  bool encoded = false;  // values are [B, D] of the field's encoder, not what it reads
};

struct Batch {
  int64_t epoch = 0;
  int64_t step = 0;           // within the epoch
  std::vector<int64_t> rows;  // [B] row numbers in the dataset
  std::vector<FieldBatch> fields;
};

}  // namespace braid
