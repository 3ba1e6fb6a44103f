// tokenizer.json: what is accepted must encode, frame, decode and be kept without a fault.
#include "tokenizer_fuzz.h"

#include <cstdint>
#include <string>

#include "braid/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    braid::exercise(*braid::read_tokenizer_json(bytes, "x.json"), bytes);
  } catch (const braid::Error&) {
  }
  return 0;
}
