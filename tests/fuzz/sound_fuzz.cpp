// Sound files of any kind: what is decoded is finite and within its limits.
#include <cmath>
#include <cstdlib>

#include "braid/modality/sound/decode.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return braid::fuzz::attempt([&] {
    const auto samples = braid::decode_sound(braid::fuzz::bytes_of(data, size), 8000,
                                             {.max_bytes = 1 << 20, .max_seconds = 10});
    if (samples.empty() || samples.size() > 80000) std::abort();
    for (const float sample : samples)
      if (!std::isfinite(sample)) std::abort();
  });
}
