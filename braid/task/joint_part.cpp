#include "braid/task/joint_part.h"

#include <algorithm>

#include "braid/block/device.h"
#include "braid/core/rng.h"

namespace braid {
namespace {

// Padded rows of the chosen samples; no token of absent ones.
Tokens chosen_tokens(const Tokens& tokens, const at::Tensor& index, const at::Tensor& present,
                     bool all_there) {
  const auto padded = tokens.padded().index_select(0, index);  // [R, T, E]
  auto mask = tokens.mask();
  if (all_there && !mask.defined())
    return {padded, Segments::uniform(padded.size(0), padded.size(1))};
  const auto real = mask.defined() ? to_device(mask, padded.device()).index_select(0, index)
                                   : at::ones({padded.size(0), padded.size(1)}, present.options());
  const auto segments = Segments::of_mask(real.logical_and(present.unsqueeze(1)));
  return {segments.pack(padded), segments};
}

}  // namespace

std::vector<int64_t> places_of_rows(const EmbeddedField& field, const Batch& batch,
                                    const std::vector<int64_t>& rows, uint64_t seed) {
  std::vector<int64_t> places;
  for (const int64_t row : rows) {
    std::vector<int64_t> found;
    int64_t begin = 0;  // of the slot among the N
    for (const auto& slot : field.slots) {
      const auto at = std::lower_bound(slot.rows.begin(), slot.rows.end(), row);
      const bool there = at != slot.rows.end() && *at == row;
      if (there && slot.slot->view == 0 && slot.slot->draw == 0)
        found.push_back(begin + (at - slot.rows.begin()));
      begin += static_cast<int64_t>(slot.rows.size());
    }
    if (found.size() < 2) {
      places.push_back(found.empty() ? kAbsent : found[0]);
      continue;
    }
    const auto sample = static_cast<uint64_t>(batch.rows[static_cast<size_t>(row)]);
    Rng rng(seed, static_cast<uint64_t>(batch.epoch), sample, "joint.source");
    places.push_back(found[static_cast<size_t>(rng.below(static_cast<int64_t>(found.size())))]);
  }
  return places;
}

Embedding joint_part(const at::Tensor& vectors, const Tokens& tokens,
                     const std::vector<int64_t>& places, int64_t width, at::Device device) {
  const auto rows = static_cast<int64_t>(places.size());
  const bool none = std::all_of(places.begin(), places.end(), [](int64_t p) { return p < 0; });
  if (none || !vectors.defined()) {
    const auto options = at::TensorOptions(device);
    return {{}, at::zeros({rows, width}, options), at::zeros({rows}, options.dtype(at::kBool))};
  }
  const auto at = to_device(at::tensor(places, at::kLong), vectors.device());  // [R]
  const auto present = at.ge(0);
  const bool all_there =
      std::all_of(places.begin(), places.end(), [](int64_t p) { return p >= 0; });
  const auto index = at.clamp_min(0);
  Embedding part{{}, {}, present};
  if (all_there) {
    part.pooled = vectors.index_select(0, index);  // [R, D]
  } else {  // a row of zeros behind them, which carries no gradient
    const auto nothing = at::zeros({1, vectors.size(1)}, vectors.options());
    part.pooled = at::cat({vectors, nothing}, 0)
                      .index_select(0, at::where(present, at, at::full_like(at, vectors.size(0))));
  }
  if (tokens.defined()) part.tokens = chosen_tokens(tokens, index, present, all_there);
  return part;
}

}  // namespace braid
