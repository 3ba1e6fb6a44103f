#include "braid/modality/picture/resampler.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "braid/core/error.h"

namespace braid {
namespace {

uint8_t times_255th(uint32_t a, uint32_t b) {
  const uint32_t product = a * b + 128;
  return static_cast<uint8_t>((product + (product >> 8)) >> 8);
}

void unpremultiply(uint8_t* row, int64_t size) {
  for (int64_t i = 0; i < size; i += 4) {
    const int alpha = row[i + 3];
    if (alpha == 0 || alpha == 255) continue;
    for (int64_t c = 0; c < 3; ++c) {
      row[i + c] = static_cast<uint8_t>(std::min(255, 255 * row[i + c] / alpha));
    }
  }
}

bool covers(const Axis& axis) {
  return axis.out_size >= 1 && axis.begin >= 0 && axis.end > axis.begin &&
         axis.end <= static_cast<float>(axis.in_size) && axis.out_first >= 0 &&
         axis.out_count >= 1 && axis.out_first + axis.out_count <= axis.out_size;
}

Axis checked(const Axis& axis, const char* name) {
  if (covers(axis)) return axis;
  throw Error(ErrorCode::kInput,
              std::string("resize, ") + name + ": cannot take " + std::to_string(axis.begin) +
                  " .. " + std::to_string(axis.end) + " of " + std::to_string(axis.in_size) +
                  " pixels to " + std::to_string(axis.out_count) + " of " +
                  std::to_string(axis.out_size));
}

Axis axis_x(const Size& source, const Size& size, const ResizeOptions& options) {
  const auto box = options.box.value_or(Box{0, 0, static_cast<float>(source.width), 0});
  const auto window = options.window.value_or(Window{0, 0, size.width, 0});
  return checked({source.width, box.left, box.right, size.width, window.left, window.width},
                 "width");
}

Axis axis_y(const Size& source, const Size& size, const ResizeOptions& options) {
  const auto box = options.box.value_or(Box{0, 0, 0, static_cast<float>(source.height)});
  const auto window = options.window.value_or(Window{0, 0, 0, size.height});
  return checked({source.height, box.top, box.bottom, size.height, window.top, window.height},
                 "height");
}

}  // namespace

Resampler::Resampler(Size source, int64_t channels, Size size, const ResizeOptions& options)
    : source_(source),
      channels_(channels),
      x_(axis_x(source, size, options)),
      y_(axis_y(source, size, options)),
      alpha_(channels == 4 && !(x_.unscaled() && y_.unscaled())),
      row_bytes_(source.width * channels),
      out_bytes_(x_.out_count * channels),
      out_(blank_picture(x_.out_count, y_.out_count, channels)) {
  if (!x_.unscaled()) {
    columns_ = row_weights(weigh(x_, options.filter));
    row_bytes_ = std::max(source.width, columns_.inputs) * channels + kRowSlack;
  }
  if (!y_.unscaled()) {
    rows_ = weigh(y_, options.filter);
    depth_ = rows_.taps;
  }
  ring_bytes_ = out_bytes_ + kRowSlack;
  ring_.resize(static_cast<size_t>(std::max<int64_t>(1, depth_) * ring_bytes_));
  scratch_.resize(static_cast<size_t>(alpha_ ? row_bytes_ : 0));
  window_.resize(static_cast<size_t>(depth_));
}

uint8_t* Resampler::ring_row(int64_t y) {
  return ring_.data() + y % std::max<int64_t>(1, depth_) * ring_bytes_;
}

// In scratch_, whose bytes behind the row's own width stay zero.
const uint8_t* Resampler::premultiplied(const uint8_t* row) {
  for (int64_t i = 0; i < source_.width * 4; i += 4) {
    const uint8_t alpha = row[i + 3];
    for (int64_t c = 0; c < 3; ++c) scratch_[i + c] = times_255th(row[i + c], alpha);
    scratch_[i + 3] = alpha;
  }
  return scratch_.data();
}

// To `out`, which has kRowSlack.
void Resampler::scale(const uint8_t* row, uint8_t* out) {
  if (alpha_) row = premultiplied(row);
  if (x_.unscaled()) {
    std::memcpy(out, row + x_.out_first * channels_, static_cast<size_t>(out_bytes_));
  } else {
    scale_row(row, columns_, channels_, out);
  }
}

void Resampler::push(const uint8_t* row) {
  const int64_t y = taken_++;
  if (made_ == y_.out_count) return;
  if (y_.unscaled()) {
    if (y < y_.out_first) return;
    scale(row, ring_row(0));
    std::memcpy(out_row(made_), ring_row(0), static_cast<size_t>(out_bytes_));
    if (alpha_) unpremultiply(out_row(made_), out_bytes_);
    ++made_;
    return;
  }
  if (y < rows_.first[made_]) return;
  scale(row, ring_row(y));
  finish_rows();
}

// Makes the output rows whose last input has been taken.
void Resampler::finish_rows() {
  for (; made_ < y_.out_count; ++made_) {
    const int64_t first = rows_.first[made_], count = rows_.count[made_];
    if (first + count > taken_) return;
    for (int64_t k = 0; k < count; ++k) window_[static_cast<size_t>(k)] = ring_row(first + k);
    mix_rows(window_.data(), rows_.of(made_), count, out_bytes_, out_row(made_));
    if (alpha_) unpremultiply(out_row(made_), out_bytes_);
  }
}

}  // namespace braid
