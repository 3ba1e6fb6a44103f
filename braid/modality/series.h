// Series of numbers over time: CSV, JSON, lines of JSON, .npy, of one clock or several.
//
// A value becomes C channels on one clock. Samples are [T, 2 C + 1] f32: the channels' numbers, 0
// where one is missing; 1 where it is there, 0 where not; seconds since the first step.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/modality/modality.h"
#include "braid/modality/series/clocks.h"
#include "braid/modality/series/gps.h"
#include "braid/modality/series/views.h"

namespace braid {

enum class SeriesScale { kStandard, kNone };

inline std::span<const char* const> enum_names(SeriesScale*) {
  static constexpr std::array<const char*, 2> kNames = {"standard", "none"};
  return kNames;
}

struct SeriesConfig {
  std::vector<std::string> channels;
  std::string time;
  double time_unit_s = 1;
  double sample_rate = 1;
  double rate = 0;
  ClockJoin join = ClockJoin::kNearest;
  double tolerance_s = 0.2;
  GpsConfig gps;
  SeriesScale normalise = SeriesScale::kStandard;
  int64_t max_steps = 256;
  int64_t max_bytes = int64_t{16} << 20;
  int64_t max_values = int64_t{1} << 21;
  SeriesViewConfig views;
};

template <class Field>
void visit(Field&& field, SeriesConfig& c) {
  field("channels", c.channels,
        "columns to use: names, or numbers from 0 where there is no header (default: all)");
  field("time", c.time, "column of times (default: none, steps are sample_rate apart)");
  field("time_unit_s", c.time_unit_s, above(0.0), "seconds in one unit of the time column");
  field("sample_rate", c.sample_rate, above(0.0), "steps a second where there is no time column");
  field("rate", c.rate, closed(0.0, 1e6),
        "steps a second to bring all clocks to; 0: keep the first one's own times");
  field("join", c.join, "how a number is found for a moment of the one clock");
  field("tolerance_s", c.tolerance_s, at_least(0.0),
        "numbers further away in time count as missing");
  field("gps", c.gps, "position columns to turn into local metres, speed and heading");
  field("normalise", c.normalise,
        "standard: by mean and deviation of each channel over the training split");
  field("max_steps", c.max_steps, closed<int64_t>(1, 65536), "longer series are cropped");
  field("max_bytes", c.max_bytes, closed<int64_t>(1, int64_t{1} << 30),
        "longer values are refused");
  field("max_values", c.max_values, closed<int64_t>(1, int64_t{1} << 28),
        "values with more numbers are refused");
  field("views", c.views, "random changes of training views");
}

// Facts: channels, max_steps.
std::unique_ptr<Modality> make_series(const ConfigNode& node);

}  // namespace braid
