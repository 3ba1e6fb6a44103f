// The formats of a recording. For .cpp files of this folder.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "braid/modality/series/recording.h"

namespace braid {

Recording read_npy_recording(std::span<const std::byte> bytes, const RecordingLimits& limits);
Recording read_json_recording(std::string_view text, const RecordingLimits& limits);
Recording read_csv_recording(std::string_view text, const RecordingLimits& limits);

// What no sensor gives (infinite, beyond 1e30, where squares overflow) is missing.
inline double usable_number(double value) {
  return std::abs(value) <= 1e30 ? value : std::numeric_limits<double>::quiet_NaN();
}

// Throws Error(kLimit) for so many columns, or numbers in them.
void check_recording_size(uint64_t columns, uint64_t steps, const RecordingLimits& limits);

}  // namespace braid
