// The vectors of one field of a batch: every slot of it through the field's tower.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "braid/data/batch.h"
#include "braid/task/model.h"

namespace braid {

// Vectors of one slot: one for each sample that has a value there, of a pooled field from all of
// its values.
struct SlotVectors {
  std::vector<int64_t> rows;  // [P] positions in the batch, rising
  const Slot* slot;
  at::Tensor vectors;  // [P, D]
  at::Tensor keys;     // [P, D] of the momentum encoders, or undefined
};

// All slots of a field.
struct EmbeddedField {
  std::vector<SlotVectors> slots;
  at::Tensor vectors;  // [N, D] of the slots in turn; undefined where none has a value
  // Of the same N, as the encoder made them, of a pooled field those of all its values; where asked
  // for.
  Tokens tokens;
};

// Who embeds, and how much at once.
struct FieldEncoding {
  Model* model;
  Model* follower;  // the momentum encoders, or nullptr
  size_t field;
  int64_t chunk;  // values that the tower takes at once; 0 = all
  uint64_t seed;  // of what the tower draws in each chunk; not used where chunk is 0
  bool encoded;   // the batch holds what the encoder made: only the projection is left
  bool tokens = false;  // keep them; not with chunk or encoded
};

// Slots without a value are left out. More than one chunk: each is encoded without a graph and once
// more in backward(), so that activations of one chunk are alive at a time.
EmbeddedField embed_field(const FieldEncoding& encoding, const FieldBatch& batch);

}  // namespace braid
