// Positions on the globe as local metres, speed and heading.
#pragma once

#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/modality/series/recording.h"

namespace braid {

struct GpsConfig {
  std::string latitude;  // columns; empty: there is no position
  std::string longitude;
  std::string altitude;
  int64_t fourier = 0;
  double speed_period = 40;
};

template <class Field>
void visit(Field&& field, GpsConfig& c) {
  field("latitude", c.latitude, "column in degrees; becomes metres north of the first position");
  field("longitude", c.longitude, "column in degrees; becomes metres east of the first position");
  field("altitude", c.altitude, "column in metres; becomes metres above the first one");
  field("fourier", c.fourier, closed<int64_t>(0, 16),
        "0: heading as sine and cosine, speed as it is; n: n harmonics of both");
  field("speed_period", c.speed_period, above(0.0),
        "m/s in one period of the first harmonic of speed");
}

// Replaces the position's columns by east_m, north_m (up_m), ground_speed, heading_sin1,
// heading_cos1 ...; `times` are known. Speed and heading come from one position to the next;
// heading is missing while nothing moves. Metres by the radii of curvature of WGS 84 at the first
// position: right to 0.1 % within 100 km, away from the poles. Does nothing where neither column
// is there. Throws Error(kInput) for one without the other and for degrees out of range.
void localise(Recording& recording, const GpsConfig& config);

}  // namespace braid
