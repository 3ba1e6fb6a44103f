// GIF pictures.
#include "picture_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return braid::fuzz::decode_any(data, size);
}
