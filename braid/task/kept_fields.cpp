#include "braid/task/kept_fields.h"

#include <algorithm>

#include "braid/block/device.h"
#include "braid/core/rng.h"
#include "braid/task/joint_part.h"

namespace braid {
namespace {

// [K, T, ...] -> [K, steps, ...], zeros behind.
at::Tensor lengthened(const at::Tensor& padded, int64_t steps) {
  if (padded.size(1) == steps) return padded;
  auto shape = padded.sizes().vec();
  shape[1] = steps - shape[1];
  return at::cat({padded, at::zeros(shape, padded.options())}, 1);
}

at::Tensor joined_steps(const std::vector<at::Tensor>& parts) {
  int64_t steps = 0;
  for (const auto& part : parts) steps = std::max(steps, part.size(1));
  std::vector<at::Tensor> same;
  for (const auto& part : parts) same.push_back(lengthened(part, steps));
  return at::cat(same, 0);
}

}  // namespace

std::vector<int64_t> drawn_rows(int64_t total, uint64_t seed) {
  auto rows = permutation(total, Rng(seed, 0, 0, "shuffle.rows"));
  rows.resize(static_cast<size_t>(std::min(total, kMostShuffledRows)));
  std::sort(rows.begin(), rows.end());
  return rows;
}

KeptFields::KeptFields(size_t fields, std::vector<int64_t> rows)
    : rows_(std::move(rows)), fields_(fields) {}

void KeptFields::keep(int64_t begin, const std::vector<FieldRows>& batch) {
  const auto end = begin + std::ssize(batch[0].places);
  const auto first = std::lower_bound(rows_.begin(), rows_.end(), begin);
  const auto last = std::lower_bound(first, rows_.end(), end);
  for (size_t f = 0; f < fields_.size(); ++f) {
    auto& kept = fields_[f];
    std::vector<int64_t> chosen;
    for (auto row = first; row != last; ++row) {
      const auto place = batch[f].places[static_cast<size_t>(*row - begin)];
      kept.places.push_back(place == kAbsent ? kAbsent : kept.rows + std::ssize(chosen));
      if (place != kAbsent) chosen.push_back(place);
    }
    if (chosen.empty()) continue;
    kept.rows += std::ssize(chosen);
    const auto& own = batch[f];
    const auto index = to_device(at::tensor(chosen, at::kLong), own.vectors.device());
    kept.vectors.push_back(own.vectors.index_select(0, index));
    if (!own.tokens.defined()) continue;
    const auto padded = own.tokens.padded();
    kept.tokens.push_back(padded.index_select(0, index));
    const auto mask = own.tokens.mask();
    kept.masks.push_back(
        mask.defined() ? to_device(mask, padded.device()).index_select(0, index)
                       : at::ones({std::ssize(chosen), padded.size(1)},
                                  padded.options().dtype(at::kBool)));
  }
}

void KeptFields::finish() {
  for (auto& kept : fields_) {
    if (kept.vectors.size() > 1) kept.vectors = {at::cat(kept.vectors, 0)};
    if (!kept.tokens.empty()) {
      kept.all = {joined_steps(kept.tokens), Segments::of_mask(joined_steps(kept.masks))};
      kept.tokens.clear();
      kept.masks.clear();
    }
  }
}

void KeptFields::shuffle(uint64_t seed) {
  for (size_t f = 0; f < fields_.size(); ++f) {
    auto& kept = fields_[f];
    const auto circle = permutation(kept.rows, Rng(seed, 0, f, "shuffle.field"));
    std::vector<int64_t> giver(circle.size());
    for (size_t k = 0; k < circle.size(); ++k)
      giver[static_cast<size_t>(circle[k])] = circle[(k + 1) % circle.size()];
    kept.shuffled.clear();
    for (const int64_t place : kept.places)
      kept.shuffled.push_back(place == kAbsent ? kAbsent : giver[static_cast<size_t>(place)]);
  }
}

Embedding KeptFields::part(size_t field, int64_t begin, int64_t count, bool shuffled,
                           int64_t width, at::Device device) const {
  const auto& kept = fields_[field];
  const auto& places = shuffled ? kept.shuffled : kept.places;
  const auto first = places.begin() + begin;
  return joint_part(kept.vectors.empty() ? at::Tensor() : kept.vectors[0], kept.all,
                    {first, first + count}, width, device);
}

}  // namespace braid
