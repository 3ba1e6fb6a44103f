// Recordings of several clocks on one.
#pragma once

#include <array>
#include <span>

#include "braid/core/config.h"
#include "braid/modality/series/recording.h"

namespace braid {

enum class ClockJoin { kNearest, kLast, kLinear, kMean };

inline std::span<const char* const> enum_names(ClockJoin*) {
  static constexpr std::array<const char*, 4> kNames = {"nearest", "last", "linear", "mean"};
  return kNames;
}

struct ClockRule {
  double rate = 0;  // steps a second of the one clock; 0: that of the first recording
  ClockJoin join = ClockJoin::kNearest;
  double tolerance_s = 0;  // a number further away than this does not count
};

// nearest: the number nearest in time, the earlier of two; last: the newest that is not later;
// linear: between the two around, neither further than the tolerance; mean: of all within half a
// step of the clock, else the nearest. A regular clock begins with the earliest recording and ends
// with the latest. Missing numbers are passed over; what finds none is missing. Throws
// Error(kLimit) where the one clock has more numbers than the limits allow.
Recording join_clocks(std::span<const Recording> recordings, const ClockRule& rule,
                      const RecordingLimits& limits);

}  // namespace braid
