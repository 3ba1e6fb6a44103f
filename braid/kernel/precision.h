// In which numbers products are computed. Weights, activations and sums are float32 in both.
#pragma once

namespace braid {

enum class Precision {
  kFp32,
  kBf16,  // factors rounded to bfloat16: 8 significant bits, the exponents of float32
};

const char* precision_name(Precision precision);  // "fp32", "bf16"

// Whether this processor multiplies bfloat16 (AVX-512 BF16 or AMX), without emulation.
bool has_bf16();

// Whether that is faster than float32: with AMX, and on AMD's AVX-512 BF16; on Intel's without AMX
// it is slower (measured 0.55 to 0.76 of float32).
bool has_fast_bf16();

}  // namespace braid
