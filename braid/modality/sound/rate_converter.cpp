#include "braid/modality/sound/rate_converter.h"

#include <soxr.h>

#include <string>

#include "braid/core/error.h"

namespace braid {

void RateConverter::Free::operator()(void* soxr) const { soxr_delete(static_cast<soxr_t>(soxr)); }

RateConverter::RateConverter(int64_t from, int64_t to) : from_(from), to_(to) {
  if (from == to) return;
  soxr_error_t problem = nullptr;
  const auto io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const auto quality = soxr_quality_spec(SOXR_HQ, 0);
  const auto runtime = soxr_runtime_spec(1);
  soxr_.reset(soxr_create(static_cast<double>(from), static_cast<double>(to), 1, &problem, &io,
                          &quality, &runtime));
  if (problem) throw Error(ErrorCode::kInternal, std::string("libsoxr: ") + problem);
}

// Null ends the input.
void RateConverter::process(const float* samples, size_t count) {
  constexpr size_t kBlock = 16384;
  size_t taken = 0, made = 0;
  do {
    const size_t before = out_.size();
    out_.resize(before + kBlock);
    size_t used = 0;
    const auto* problem =
        soxr_process(static_cast<soxr_t>(soxr_.get()), samples ? samples + taken : nullptr,
                     count - taken, &used, out_.data() + before, kBlock, &made);
    if (problem) throw Error(ErrorCode::kInternal, std::string("libsoxr: ") + problem);
    out_.resize(before + made);
    taken += used;
  } while (taken < count || made == kBlock);
}

void RateConverter::push(std::span<const float> samples) {
  pushed_ += static_cast<int64_t>(samples.size());
  if (soxr_) return process(samples.data(), samples.size());
  out_.insert(out_.end(), samples.begin(), samples.end());
}

std::vector<float> RateConverter::finish() {
  if (soxr_) process(nullptr, 0);
  const int64_t count = (pushed_ * to_ + from_ - 1) / from_;
  out_.resize(static_cast<size_t>(count));  // the library may give one more or less
  return std::move(out_);
}

}  // namespace braid
