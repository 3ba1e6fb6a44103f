// Random changes of a series for training, and its crop for evaluation.
#pragma once

#include <vector>

#include "braid/core/config.h"
#include "braid/core/rng.h"
#include "braid/modality/modality.h"

namespace braid {

// All 0 and crop 1: views are as in evaluation, but for where a long series is cropped.
struct SeriesViewConfig {
  double crop = 0.8;
  double noise = 0.05;
  double scale = 0.1;
  double channel_drop = 0.1;
  double time_mask = 0.2;
};

template <class Field>
void visit(Field&& field, SeriesViewConfig& c) {
  field("crop", c.crop, closed(0.01, 1.0), "least share of the steps that a random crop keeps");
  field("noise", c.noise, closed(0.0, 10.0), "standard deviation of noise added to each number");
  field("scale", c.scale, closed(0.0, 1.0), "factor of 1 - x .. 1 + x, another for each channel");
  field("channel_drop", c.channel_drop, half_open(0.0, 1.0),
        "chance that a channel is missing; one always stays");
  field("time_mask", c.time_mask, half_open(0.0, 1.0),
        "largest share of steps in one gap without numbers");
}

// Samples as series.h says; `max_steps` bounds the result. Times begin with 0 again.
Sample random_series_view(const Sample& series, const SeriesViewConfig& config, int64_t max_steps,
                          Rng& rng);
Sample middle_series_view(const Sample& series, int64_t max_steps);

// [T, F] with its mask of ones.
Sample series_sample(Array values);

}  // namespace braid
