#include "braid/modality/series/views.h"

#include <algorithm>
#include <cmath>

namespace braid {
namespace {

// Rows [T, 2 C + 1] of a sample that is being changed.
struct SeriesRows {
  explicit SeriesRows(Sample& sample)
      : steps(sample.values.size(0)),
        features(sample.values.size(1)),
        channels((features - 1) / 2),
        at(sample.values.mutable_values<float>().data()) {}

  float& number(int64_t step, int64_t channel) { return at[step * features + channel]; }
  float& there(int64_t step, int64_t channel) { return at[step * features + channels + channel]; }
  void clear(int64_t step, int64_t channel) { number(step, channel) = there(step, channel) = 0; }

  int64_t steps, features, channels;
  float* at;
};

Sample crop_series(const Sample& series, int64_t begin, int64_t steps) {
  const int64_t features = series.values.size(1);
  const auto from = series.values.values<float>().subspan(static_cast<size_t>(begin * features),
                                                          static_cast<size_t>(steps * features));
  auto sample = series_sample(Array::of<float>({steps, features}, from));
  const auto rows = sample.values.mutable_values<float>();
  const float start = rows[static_cast<size_t>(features - 1)];
  for (auto t = static_cast<size_t>(features - 1); t < rows.size();
       t += static_cast<size_t>(features)) {
    rows[t] -= start;
  }
  return sample;
}

void shake(SeriesRows& rows, const SeriesViewConfig& config, Rng& rng) {
  for (int64_t c = 0; c < rows.channels; ++c) {
    const auto factor = static_cast<float>(rng.uniform(1 - config.scale, 1 + config.scale));
    for (int64_t t = 0; t < rows.steps; ++t) {
      if (rows.there(t, c) == 0) continue;
      const double noise = config.noise > 0 ? config.noise * rng.normal() : 0;
      rows.number(t, c) = rows.number(t, c) * factor + static_cast<float>(noise);
    }
  }
}

void drop_channels(SeriesRows& rows, double chance, Rng& rng) {
  const int64_t stays = rng.below(rows.channels);
  for (int64_t c = 0; c < rows.channels; ++c) {
    if (!rng.chance(chance) || c == stays) continue;
    for (int64_t t = 0; t < rows.steps; ++t) rows.clear(t, c);
  }
}

void mask_time(SeriesRows& rows, double share, Rng& rng) {
  const auto most = static_cast<int64_t>(share * static_cast<double>(rows.steps));
  const int64_t length = rng.below(most + 1);
  const int64_t begin = rng.below(rows.steps - length + 1);
  for (int64_t t = begin; t < begin + length; ++t) {
    for (int64_t c = 0; c < rows.channels; ++c) rows.clear(t, c);
  }
}

}  // namespace

Sample series_sample(Array values) {
  Array mask(DType::kBool, {values.size(0)});
  std::ranges::fill(mask.mutable_values<bool>(), true);
  return {std::move(values), std::move(mask)};
}

Sample random_series_view(const Sample& series, const SeriesViewConfig& config, int64_t max_steps,
                          Rng& rng) {
  const int64_t all = series.values.size(0);
  const double share = rng.uniform(config.crop, 1);
  const auto wanted = std::llround(share * static_cast<double>(std::min(all, max_steps)));
  const int64_t steps = std::max<int64_t>(1, wanted);
  Sample view = crop_series(series, rng.below(all - steps + 1), steps);
  SeriesRows rows(view);
  shake(rows, config, rng);
  drop_channels(rows, config.channel_drop, rng);
  mask_time(rows, config.time_mask, rng);
  return view;
}

Sample middle_series_view(const Sample& series, int64_t max_steps) {
  const int64_t all = series.values.size(0), steps = std::min(all, max_steps);
  return crop_series(series, (all - steps) / 2, steps);
}

}  // namespace braid
