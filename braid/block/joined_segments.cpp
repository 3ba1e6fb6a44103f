#include "braid/block/joined_segments.h"

#include <torch/types.h>

#include "braid/core/error.h"

namespace braid {
namespace {

Segments join_segments(const std::vector<Segments>& parts) {
  if (parts.empty()) throw Error(ErrorCode::kShape, "segments: nothing to join");
  at::Tensor some_mask;
  int64_t steps = 0;
  for (const auto& part : parts) {
    if (part.count() != parts[0].count()) {
      throw Error(ErrorCode::kShape, "segments: cannot join " + std::to_string(part.count()) +
                                         " samples to " + std::to_string(parts[0].count()));
    }
    if (part.mask().defined()) some_mask = part.mask();
    steps += part.steps();
  }
  if (parts.size() == 1) return parts[0];
  if (!some_mask.defined()) return Segments::uniform(parts[0].count(), steps);
  std::vector<at::Tensor> masks;
  for (const auto& part : parts) {
    masks.push_back(part.mask().defined()
                        ? part.mask()
                        : at::ones({part.count(), part.steps()}, some_mask.options()));
  }
  return Segments::of_mask(at::cat(masks, 1));
}

}  // namespace

JoinedSegments::JoinedSegments(std::vector<Segments> parts)
    : parts_(std::move(parts)), segments_(join_segments(parts_)) {}

at::Tensor JoinedSegments::join(const std::vector<at::Tensor>& rows) const {
  if (rows.size() != parts_.size()) {
    throw Error(ErrorCode::kShape, "segments: expected rows of " + std::to_string(parts_.size()) +
                                       " parts, got " + std::to_string(rows.size()));
  }
  if (rows.size() == 1) return rows[0];
  std::vector<at::Tensor> padded;
  for (size_t i = 0; i < rows.size(); ++i) padded.push_back(parts_[i].pad(rows[i]));
  return segments_.pack(at::cat(padded, 1));
}

std::vector<at::Tensor> JoinedSegments::split(const at::Tensor& rows) const {
  if (parts_.size() == 1) return {rows};
  const auto padded = segments_.pad(rows);
  std::vector<at::Tensor> out;
  int64_t begin = 0;
  for (const auto& part : parts_) {
    out.push_back(part.pack(padded.narrow(1, begin, part.steps())));
    begin += part.steps();
  }
  return out;
}

}  // namespace braid
