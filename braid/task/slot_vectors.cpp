#include "braid/task/slot_vectors.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "braid/block/random_scope.h"
#include "braid/block/recompute.h"
#include "braid/core/rng.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

// A slot on its way: which rows of its batch the tower reads, and where those of each sample end.
struct SlotPart {
  SlotVectors out;
  std::vector<int64_t> values;   // rising
  std::vector<int64_t> offsets;  // [P + 1] of a pooled field, else empty
};

// Values of one slot that stand next to each other among those that are there.
struct Stretch {
  at::Tensor values, mask;    // [B, ...] and [B, T] of the whole slot; mask may be undefined
  std::vector<int64_t> rows;  // [P]
};

struct Values {
  at::Tensor values, mask;  // [N, ...] and [N, T] or undefined
};

std::vector<int64_t> present_rows(const Slot& slot) {
  std::vector<int64_t> rows;
  for (size_t i = 0; i < slot.present.size(); ++i) {
    if (slot.present[i]) rows.push_back(static_cast<int64_t>(i));
  }
  return rows;
}

std::vector<SlotPart> parts_of(const FieldBatch& batch) {
  std::vector<SlotPart> parts;
  for (const auto& slot : batch.slots) {
    auto rows = present_rows(slot);
    if (rows.empty()) continue;
    SlotPart part{{rows, &slot, {}, {}}, rows, {}};
    if (!slot.offsets.empty()) {
      part.offsets.push_back(0);
      for (const int64_t row : rows)  // missing samples have no values: nothing lies between
        part.offsets.push_back(slot.offsets[static_cast<size_t>(row) + 1]);
      part.values.resize(static_cast<size_t>(part.offsets.back()));
      std::iota(part.values.begin(), part.values.end(), 0);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

// Rising rows: without a copy where none is missing between the first and the last.
at::Tensor rows_of(const at::Tensor& x, const std::vector<int64_t>& rows) {
  const auto count = static_cast<int64_t>(rows.size());
  if (rows.back() - rows.front() + 1 == count) return x.narrow(0, rows.front(), count);
  return x.index_select(0, at::tensor(rows, at::kLong));
}

// [N, T, ...] longer by `missing` zeros at the end of axis 1, the one that masks are of.
at::Tensor padded(const at::Tensor& x, int64_t missing) {
  if (missing == 0) return x;
  std::vector<int64_t> around(static_cast<size_t>(2 * (x.dim() - 1)), 0);  // from the last axis on
  around.back() = missing;
  return at::constant_pad_nd(x, around);
}

// Joined along the batch, padded to the longest, so that the tower runs once.
Values join_stretches(const std::vector<Stretch>& stretches) {
  int64_t longest = 0;
  for (const auto& stretch : stretches) {
    if (stretch.mask.defined()) longest = std::max(longest, stretch.mask.size(1));
  }
  std::vector<at::Tensor> values, masks;
  for (const auto& stretch : stretches) {
    auto value = rows_of(stretch.values, stretch.rows);
    if (stretch.mask.defined()) {
      auto keep = rows_of(stretch.mask, stretch.rows);  // [P, T]
      const int64_t missing = longest - keep.size(1);
      masks.push_back(padded(keep, missing));
      value = padded(value, missing);
    }
    values.push_back(std::move(value));
  }
  const auto joined = [](const std::vector<at::Tensor>& parts) {
    return parts.size() == 1 ? parts[0] : at::cat(parts, 0);
  };
  return {joined(values), masks.empty() ? at::Tensor() : joined(masks)};
}

// The values of all slots in turn, cut after every `chunk` of them; 0 = not at all.
std::vector<std::vector<Stretch>> chunks_of(const std::vector<SlotPart>& parts, int64_t chunk) {
  std::vector<std::vector<Stretch>> chunks(1);
  int64_t room = chunk;
  for (const auto& part : parts) {
    const auto values = to_tensor(part.out.slot->batch.values);
    const auto mask = to_tensor(part.out.slot->batch.mask);
    for (auto begin = part.values.begin(); begin != part.values.end();) {
      if (chunk > 0 && room == 0) {
        chunks.emplace_back();
        room = chunk;
      }
      const int64_t left = part.values.end() - begin;
      const int64_t count = chunk > 0 ? std::min(room, left) : left;
      chunks.back().push_back({values, mask, {begin, begin + count}});
      begin += count;
      room -= count;
    }
  }
  return chunks;
}

at::Tensor embed_chunk(Model& model, const FieldEncoding& how, const std::vector<Stretch>& chunk) {
  const auto joined = join_stretches(chunk);
  if (how.encoded) return model.project(how.field, joined.values);  // [N, D]
  return model.embed(how.field, joined.values, joined.mask);        // [N, D]
}

at::Tensor trained_vectors(const FieldEncoding& encoding,
                           const std::vector<std::vector<Stretch>>& chunks, Tokens* tokens) {
  auto& model = *encoding.model;
  if (encoding.tokens) {
    const auto joined = join_stretches(chunks[0]);
    const auto whole = model.encode_whole(encoding.field, joined.values, joined.mask);
    *tokens = whole.tokens;
    return model.project(encoding.field, whole.pooled);  // [N, D]
  }
  if (chunks.size() == 1) return embed_chunk(model, encoding, chunks[0]);
  const auto here = model.device();
  std::vector<at::Tensor> vectors;
  for (const auto& chunk : chunks) {
    const auto run = [encoding, chunk] { return embed_chunk(*encoding.model, encoding, chunk); };
    vectors.push_back(recomputed(run, here, mix(encoding.seed, vectors.size())));
  }
  return at::cat(vectors, 0);  // [sum N, D]
}

at::Tensor follower_keys(const FieldEncoding& encoding,
                         const std::vector<std::vector<Stretch>>& chunks) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> keys;
  for (const auto& chunk : chunks) keys.push_back(embed_chunk(*encoding.follower, encoding, chunk));
  return keys.size() == 1 ? keys[0] : at::cat(keys, 0);  // [sum N, D]
}

// One vector a sample of those of its values. [N, D] -> [P, D]
at::Tensor one_a_sample(const Model& model, size_t field, const SlotPart& part,
                        const at::Tensor& values) {
  if (part.offsets.empty()) return values;
  return model.pooling(field)->forward(values, part.offsets).vectors;
}

at::Tensor slot_vectors(const std::vector<SlotVectors>& slots) {
  std::vector<at::Tensor> all;
  for (const auto& slot : slots) all.push_back(slot.vectors);
  return at::cat(all, 0);  // [N, D]
}

// Of the samples of all slots in turn: where their values end among all values.
std::vector<int64_t> joined_offsets(const std::vector<SlotPart>& parts) {
  std::vector<int64_t> offsets = {0};
  for (const auto& part : parts) {
    const int64_t before = offsets.back();
    for (size_t i = 1; i < part.offsets.size(); ++i) offsets.push_back(before + part.offsets[i]);
  }
  return offsets;
}

}  // namespace

EmbeddedField embed_field(const FieldEncoding& encoding, const FieldBatch& batch) {
  auto parts = parts_of(batch);
  EmbeddedField field;
  if (parts.empty()) return field;
  const auto chunks = chunks_of(parts, encoding.chunk);
  const auto vectors = trained_vectors(encoding, chunks, &field.tokens);
  at::Tensor keys;
  if (encoding.follower) keys = follower_keys(encoding, chunks);
  int64_t begin = 0;
  for (auto& part : parts) {
    const auto count = static_cast<int64_t>(part.values.size());
    const auto from = [&](const Model& model, const at::Tensor& all) {
      return one_a_sample(model, encoding.field, part, all.narrow(0, begin, count));
    };
    part.out.vectors = from(*encoding.model, vectors);
    if (keys.defined()) {
      const at::NoGradGuard no_grad;
      part.out.keys = from(*encoding.follower, keys);
    }
    begin += count;
    field.slots.push_back(std::move(part.out));
  }
  const bool pools = !parts[0].offsets.empty();
  field.vectors = pools ? slot_vectors(field.slots) : vectors;
  if (pools && field.tokens.defined())
    field.tokens = joined_tokens(field.tokens, joined_offsets(parts));
  return field;
}

}  // namespace braid
