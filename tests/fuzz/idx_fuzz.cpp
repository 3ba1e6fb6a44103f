// IDX and .npy bytes: any bytes give an array or one braid::Error.
#include <cstddef>
#include <cstdint>
#include <span>

#include "braid/core/error.h"
#include "braid/data/array_file.h"
#include "braid/tensor_file/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  for (const bool idx : {true, false}) {
    try {
      const auto array = idx ? braid::parse_idx(bytes, "fuzz") : braid::parse_npy(bytes, "fuzz");
      if (!array.shape().empty() && array.size(0) > 0) braid::number_row_text(array, 0);
      braid::is_picture_array(array);
    } catch (const braid::Error&) {
    }
  }
  return 0;
}
