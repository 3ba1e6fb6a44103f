#include "braid/task/slot_vectors.h"

#include <algorithm>
#include <utility>

#include "braid/block/random_scope.h"
#include "braid/block/recompute.h"
#include "braid/core/rng.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

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

// Rising rows: without a copy where none is missing between the first and the last.
at::Tensor rows_of(const at::Tensor& x, const std::vector<int64_t>& rows) {
  const auto count = static_cast<int64_t>(rows.size());
  if (rows.back() - rows.front() + 1 == count) return x.narrow(0, rows.front(), count);
  return x.index_select(0, at::tensor(rows, at::kLong));
}

// Joined along the batch, padded to the longest, so that the tower runs once.
Values join(const std::vector<Stretch>& stretches) {
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
      masks.push_back(missing == 0 ? keep : at::constant_pad_nd(keep, {0, missing}));
      if (missing > 0) value = at::constant_pad_nd(value, {0, missing});
    }
    values.push_back(std::move(value));
  }
  const auto joined = [](const std::vector<at::Tensor>& parts) {
    return parts.size() == 1 ? parts[0] : at::cat(parts, 0);
  };
  return {joined(values), masks.empty() ? at::Tensor() : joined(masks)};
}

// The values of all slots in turn, cut after every `chunk` of them; 0 = not at all.
std::vector<std::vector<Stretch>> chunks_of(const std::vector<SlotVectors>& parts, int64_t chunk) {
  std::vector<std::vector<Stretch>> chunks(1);
  int64_t room = chunk;
  for (const auto& part : parts) {
    const auto values = to_tensor(part.slot->batch.values);
    const auto mask = to_tensor(part.slot->batch.mask);
    for (auto begin = part.rows.begin(); begin != part.rows.end();) {
      if (chunk > 0 && room == 0) {
        chunks.emplace_back();
        room = chunk;
      }
      const int64_t left = part.rows.end() - begin;
      const int64_t count = chunk > 0 ? std::min(room, left) : left;
      chunks.back().push_back({values, mask, {begin, begin + count}});
      begin += count;
      room -= count;
    }
  }
  return chunks;
}

at::Tensor embed_chunk(Model& model, const FieldEncoding& how, const std::vector<Stretch>& chunk) {
  const auto joined = join(chunk);
  if (how.encoded) return model.project(how.field, joined.values);  // [N, D]
  return model.embed(how.field, joined.values, joined.mask);        // [N, D]
}

at::Tensor trained_vectors(const FieldEncoding& encoding,
                           const std::vector<std::vector<Stretch>>& chunks, Tokens* tokens) {
  auto& model = *encoding.model;
  if (encoding.tokens) {
    const auto joined = join(chunks[0]);
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
  return at::cat(vectors, 0);  // [sum P, D]
}

at::Tensor follower_keys(const FieldEncoding& encoding,
                         const std::vector<std::vector<Stretch>>& chunks) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> keys;
  for (const auto& chunk : chunks) keys.push_back(embed_chunk(*encoding.follower, encoding, chunk));
  return keys.size() == 1 ? keys[0] : at::cat(keys, 0);  // [sum P, D]
}

}  // namespace

EmbeddedField embed_field(const FieldEncoding& encoding, const FieldBatch& batch) {
  EmbeddedField field;
  auto& parts = field.slots;
  for (const auto& slot : batch.slots) {
    auto rows = present_rows(slot);
    if (!rows.empty()) parts.push_back({std::move(rows), &slot, {}, {}});
  }
  if (parts.empty()) return field;
  const auto chunks = chunks_of(parts, encoding.chunk);
  const auto vectors = trained_vectors(encoding, chunks, &field.tokens);
  at::Tensor keys;
  if (encoding.follower) keys = follower_keys(encoding, chunks);
  int64_t begin = 0;
  for (auto& part : parts) {
    const auto count = static_cast<int64_t>(part.rows.size());
    part.vectors = vectors.narrow(0, begin, count);
    if (keys.defined()) part.keys = keys.narrow(0, begin, count);
    begin += count;
  }
  field.vectors = vectors;
  return field;
}

}  // namespace braid
