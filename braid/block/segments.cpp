#include "braid/block/segments.h"

#include <torch/types.h>

#include <algorithm>

#include "braid/core/array.h"
#include "braid/core/error.h"

namespace braid {
namespace {

[[noreturn]] void fail_shape(const char* what, int64_t expected, const at::Tensor& got) {
  throw Error(ErrorCode::kShape, std::string("segments: expected ") + what + " of " +
                                     std::to_string(expected) + " rows, got shape " +
                                     shape_text(got.sizes().vec()));
}

std::vector<int64_t> with_tail(const at::Tensor& x, size_t dropped, std::vector<int64_t> head) {
  const auto sizes = x.sizes();
  head.insert(head.end(), sizes.begin() + static_cast<int64_t>(dropped), sizes.end());
  return head;
}

}  // namespace

Segments Segments::uniform(int64_t count, int64_t steps) {
  Segments made;
  made.steps_ = steps;
  for (int64_t i = 1; i <= count; ++i) made.offsets_.push_back(i * steps);
  return made;
}

Segments Segments::of_lengths(const std::vector<int64_t>& lengths, at::Device device) {
  const int64_t longest =
      lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
  const auto count = at::tensor(lengths, at::kLong).unsqueeze(1);  // [B, 1]
  return of_mask(at::arange(longest, at::kLong).lt(count).to(device));
}

Segments Segments::of_mask(const at::Tensor& mask) {
  if (mask.dim() != 2 || mask.scalar_type() != at::kBool) {
    throw Error(ErrorCode::kShape, "segments: expected a bool mask [B, T], got shape " +
                                       shape_text(mask.sizes().vec()));
  }
  const auto lengths = mask.sum(1).cpu();  // [B] int64
  Segments made;
  made.steps_ = mask.size(1);
  const int64_t* length = lengths.data_ptr<int64_t>();
  for (int64_t i = 0; i < mask.size(0); ++i)
    made.offsets_.push_back(made.offsets_.back() + length[i]);
  if (made.rows() == mask.numel()) return made;
  made.mask_ = mask;
  made.places_ = mask.flatten().nonzero().squeeze(1);
  return made;
}

at::Tensor Segments::step_of_row(at::Device device) const {
  if (places_.defined()) return places_.remainder(steps_);
  return at::arange(steps_, at::TensorOptions(device).dtype(at::kLong)).repeat({count()});
}

at::Tensor Segments::sample_of_row(at::Device device) const {
  if (places_.defined()) return at::floor_divide(places_, steps_);
  const auto samples = at::arange(count(), at::TensorOptions(device).dtype(at::kLong));
  return samples.unsqueeze(1).expand({count(), steps_}).reshape({rows()});
}

at::Tensor Segments::pack(const at::Tensor& padded) const {
  if (padded.dim() < 2 || padded.size(0) != count() || padded.size(1) != steps_)
    fail_shape("a padded batch", count(), padded);
  const auto flat = padded.reshape(with_tail(padded, 2, {count() * steps_}));
  return places_.defined() ? flat.index_select(0, places_) : flat;
}

at::Tensor Segments::pad(const at::Tensor& rows) const {
  if (rows.dim() < 1 || rows.size(0) != this->rows()) fail_shape("tokens", this->rows(), rows);
  const auto shape = with_tail(rows, 1, {count(), steps_});
  if (!places_.defined()) return rows.reshape(shape);
  const auto blank = at::zeros(with_tail(rows, 1, {count() * steps_}), rows.options());
  return blank.index_copy(0, places_, rows).view(shape);
}

at::Tensor segment_mean(const at::Tensor& rows, const Segments& segments) {
  if (!segments.mask().defined() && segments.steps() > 0) return segments.pad(rows).mean(1);
  const auto sums = at::zeros({segments.count(), rows.size(1)}, rows.options())
                        .index_add(0, segments.sample_of_row(rows.device()), rows);
  const auto& offsets = segments.offsets();
  const auto bounds = at::tensor(offsets, at::kLong);
  const auto lengths = (bounds.slice(0, 1) - bounds.slice(0, 0, -1)).clamp_min(1);  // [B]
  return sums / lengths.to(rows.options()).unsqueeze(1);
}

at::Tensor segment_last(const at::Tensor& rows, const Segments& segments) {
  if (!segments.mask().defined() && segments.steps() > 0)
    return segments.pad(rows).select(1, segments.steps() - 1);
  std::vector<int64_t> holders, ends;  // samples with a row, and their last ones
  for (int64_t i = 0; i < segments.count(); ++i) {
    if (segments.offsets()[i + 1] == segments.offsets()[i]) continue;
    holders.push_back(i);
    ends.push_back(segments.offsets()[i + 1] - 1);
  }
  const auto index = [&](const std::vector<int64_t>& from) {
    return at::tensor(from, at::kLong).to(rows.device());
  };
  return at::zeros({segments.count(), rows.size(1)}, rows.options())
      .index_copy(0, index(holders), rows.index_select(0, index(ends)));
}

}  // namespace braid
