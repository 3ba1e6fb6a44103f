// Files of arrays whose rows are samples: IDX (MNIST's, plain or .gz), .npy and .npz.
//
// IDX: 00 00 | u8 type | u8 axes | axes x u32 big-endian | numbers, big-endian, row-major.
// Source: Y. LeCun, "The MNIST database".
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "braid/core/array.h"
#include "braid/core/file.h"

namespace braid {

class ArrayFile {
 public:
  // Told apart by the first bytes. Throws Error(kNotFound, kIo), Error(kInput) for what is none of
  // them or is damaged, Error(kLimit) for more than 4 GiB of numbers and for bombs.
  explicit ArrayFile(const std::filesystem::path& path);

  // IDX and .npy hold one array, named "".
  const std::vector<std::pair<std::string, Array>>& arrays() const { return arrays_; }
  uint64_t memory() const;

  // What follows the '#' of a reference: "17", or "images#17" of an .npz with several arrays.
  // A row of u8 [H, W], [H, W, C] or [C, H, W] (C = 1, 3, 4) becomes a PNG, a single number its
  // text, anything else an .npy. Throws Error(kInput) for no such row (saying how many there are)
  // or array (naming those there are).
  Bytes row(std::string_view reference) const;

 private:
  std::string path_;
  std::vector<std::pair<std::string, Array>> arrays_;
};

// Kept while the file stays the same, within a bound of memory. Many threads.
std::shared_ptr<const ArrayFile> array_file(const std::filesystem::path& path);

Array parse_idx(std::span<const std::byte> bytes, const std::string& name);  // throws as ArrayFile

// Does a row of the array become a picture?
bool is_picture_array(const Array& array);
// The text of row `i` of an array of one axis (or [N, 1]) of numbers; "" for other arrays.
std::string number_row_text(const Array& array, int64_t i);

}  // namespace braid
