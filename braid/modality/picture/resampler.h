// Resize as a stream: rows of the source go in from the top, a picture comes out. Only a few rows,
// scaled along x, are held meanwhile.
#pragma once

#include <vector>

#include "braid/modality/picture/resize_weights.h"

namespace braid {

class Resampler {
 public:
  // Of a source of that size. Throws as resize does.
  Resampler(Size source, int64_t channels, Size size, const ResizeOptions& options);

  // Bytes of a row that are read: those behind the source's own width count for nothing.
  int64_t row_bytes() const { return row_bytes_; }

  // The next row. Those above and below what is needed are taken and left.
  void push(const uint8_t* row);

  // The output, whole after the last row.
  Picture take() { return std::move(out_); }

 private:
  uint8_t* out_row(int64_t y) { return out_.data.data() + y * out_bytes_; }
  uint8_t* ring_row(int64_t y);
  const uint8_t* premultiplied(const uint8_t* row);
  void scale(const uint8_t* row, uint8_t* out);
  void finish_rows();

  Size source_;
  int64_t channels_;
  Axis x_, y_;
  bool alpha_;  // premultiplied on the way
  RowWeights columns_;
  AxisWeights rows_;
  int64_t row_bytes_, out_bytes_;
  int64_t taken_ = 0, made_ = 0;        // rows of the source and of the output
  int64_t depth_ = 0, ring_bytes_ = 0;  // rows in the ring, and bytes from one to the next
  std::vector<uint8_t> ring_, scratch_;
  std::vector<const uint8_t*> window_;  // rows in the ring that an output row sums
  Picture out_;
};

}  // namespace braid
