#include "braid/modality/series/gps.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr double kEquatorRadius_m = 6378137.0;
constexpr double kEccentricity2 = 6.69437999014e-3;  // squared, of the WGS 84 ellipsoid
constexpr double kDegree = std::numbers::pi / 180;
constexpr double kLeastMove_mps = 0.1;  // below it a heading is noise
constexpr double kNoFix = std::numeric_limits<double>::quiet_NaN();

using GpsColumn = std::vector<double>;

std::optional<size_t> optional_column(const Recording& recording, const std::string& name) {
  for (size_t i = 0; i < recording.names.size() && !name.empty(); ++i) {
    if (recording.names[i] == name || recording.names[i].ends_with("." + name)) return i;
  }
  return std::nullopt;
}

void check_degrees(const GpsColumn& column, const std::string& name, double bound) {
  for (size_t i = 0; i < column.size(); ++i) {
    if (!(std::abs(column[i]) > bound)) continue;
    throw Error(ErrorCode::kInput, "series: " + name + " " + number_text(column[i]) + " at step " +
                                       std::to_string(i) + ": expected degrees within " +
                                       number_text(bound));
  }
}

struct LocalTrack {
  GpsColumn east, north;
};

LocalTrack local_metres(const GpsColumn& latitude, const GpsColumn& longitude) {
  const size_t steps = latitude.size();
  LocalTrack track{GpsColumn(steps, kNoFix), GpsColumn(steps, kNoFix)};
  std::optional<size_t> first;
  double per_north = 0, per_east = 0;
  for (size_t i = 0; i < steps; ++i) {
    if (std::isnan(latitude[i]) || std::isnan(longitude[i])) continue;
    if (!first) {
      first = i;
      const double sine = std::sin(latitude[i] * kDegree);
      const double bend = 1 - kEccentricity2 * sine * sine;
      per_north = kEquatorRadius_m * (1 - kEccentricity2) / std::pow(bend, 1.5) * kDegree;
      per_east = kEquatorRadius_m / std::sqrt(bend) * std::cos(latitude[i] * kDegree) * kDegree;
    }
    const double turn = std::remainder(longitude[i] - longitude[*first], 360.0);
    track.east[i] = turn * per_east;
    track.north[i] = (latitude[i] - latitude[*first]) * per_north;
  }
  return track;
}

struct Motion {
  GpsColumn speed, heading;
};

// From the position before to this one; the first known step takes what the second has.
Motion motion_of(const LocalTrack& track, const GpsColumn& times) {
  const size_t steps = times.size();
  Motion motion{GpsColumn(steps, kNoFix), GpsColumn(steps, kNoFix)};
  std::optional<size_t> before;
  bool began = false;
  for (size_t i = 0; i < steps; ++i) {
    if (std::isnan(track.east[i])) continue;
    if (before) {
      const double seconds = times[i] - times[*before];
      const double east = track.east[i] - track.east[*before];
      const double north = track.north[i] - track.north[*before];
      motion.speed[i] = std::hypot(east, north) / seconds;
      if (motion.speed[i] >= kLeastMove_mps) motion.heading[i] = std::atan2(east, north);
      if (!began) {
        motion.speed[*before] = motion.speed[i];
        motion.heading[*before] = motion.heading[i];
        began = true;
      }
    }
    before = i;
  }
  return motion;
}

void add_waves(Recording& recording, const std::string& name, const GpsColumn& angle,
               int64_t count) {
  for (int64_t k = 1; k <= count; ++k) {
    for (const bool sine : {true, false}) {
      recording.names.push_back(name + (sine ? "_sin" : "_cos") + std::to_string(k));
      GpsColumn& wave = recording.columns.emplace_back(angle.size());
      std::transform(angle.begin(), angle.end(), wave.begin(), [&](double a) {
        return sine ? std::sin(static_cast<double>(k) * a) : std::cos(static_cast<double>(k) * a);
      });
    }
  }
}

GpsColumn take_gps_column(Recording& recording, const std::string& name) {
  const size_t at = find_column(recording, name);
  GpsColumn column = std::move(recording.columns[at]);
  recording.columns.erase(recording.columns.begin() + static_cast<std::ptrdiff_t>(at));
  recording.names.erase(recording.names.begin() + static_cast<std::ptrdiff_t>(at));
  return column;
}

void add_gps_column(Recording& recording, const std::string& name, GpsColumn column) {
  recording.names.push_back(name);
  recording.columns.push_back(std::move(column));
}

}  // namespace

void localise(Recording& recording, const GpsConfig& config) {
  const bool any = optional_column(recording, config.latitude).has_value() ||
                   optional_column(recording, config.longitude).has_value();
  if (!any) return;
  const GpsColumn latitude = take_gps_column(recording, config.latitude);
  const GpsColumn longitude = take_gps_column(recording, config.longitude);
  check_degrees(latitude, "latitude", 90);
  check_degrees(longitude, "longitude", 360);
  LocalTrack track = local_metres(latitude, longitude);
  Motion motion = motion_of(track, recording.times);
  add_gps_column(recording, "east_m", std::move(track.east));
  add_gps_column(recording, "north_m", std::move(track.north));
  if (optional_column(recording, config.altitude)) {
    GpsColumn up = take_gps_column(recording, config.altitude);
    const auto first = std::find_if(up.begin(), up.end(), [](double z) { return !std::isnan(z); });
    const double base = first == up.end() ? 0 : *first;
    for (double& z : up) z -= base;
    add_gps_column(recording, "up_m", std::move(up));
  }
  add_waves(recording, "heading", motion.heading, std::max<int64_t>(1, config.fourier));
  if (config.fourier > 0) {
    for (double& v : motion.speed) v *= 2 * std::numbers::pi / config.speed_period;
    add_waves(recording, "ground_speed", motion.speed, config.fourier);
  } else {
    add_gps_column(recording, "ground_speed", std::move(motion.speed));
  }
}

}  // namespace braid
