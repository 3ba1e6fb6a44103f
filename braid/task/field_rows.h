// One field of some rows of a data set, read and encoded for the joint half of a model.
#pragma once

#include <cstdint>
#include <vector>

#include "braid/task/embed.h"

namespace braid {

struct FieldRows {
  at::Tensor vectors;  // [N, D] of the rows that have a value which can be read; undefined for none
  Tokens tokens;       // of the same N, where the model's joint half reads them
  std::vector<int64_t> places;  // a row each: among the N, or kAbsent
  std::vector<uint64_t> keys;   // a row each: of where its values lie
  std::vector<BadSample> bad;   // values that could not be read
  int64_t good = 0;             // values that could
};

// Of a field with pooling all values of the first source that a row has, up to pooling.max; of
// others the first value.
FieldRows read_field_rows(Model& model, const Dataset& data, size_t field, const Modality& modality,
                          const std::vector<int64_t>& rows, const EmbedOptions& options);

}  // namespace braid
