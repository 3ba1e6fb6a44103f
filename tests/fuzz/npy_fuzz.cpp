// .npy files.
#include "braid/tensor_file/npy.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace braid;
  static const fuzz::Folder folder;
  return fuzz::attempt([&] {
    uint64_t sum = 0;
    const auto array = read_npy(folder.put("x", fuzz::bytes_of(data, size)));
    for (size_t i = 0; i < array.byte_size(); ++i) sum += static_cast<uint8_t>(array.bytes()[i]);
    if (sum > 255 * size) std::abort();  // also keeps the reads alive
  });
}
