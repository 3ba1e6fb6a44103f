// Which channels a field has, and the mean and deviation of each over the training split.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "braid/modality/series/recording.h"

namespace braid {

struct SeriesChannel {
  std::string name;  // "speed.speed_mps" where several columns are joined
  double mean = 0, deviation = 1;
  int64_t count = 0;   // numbers seen
  double squares = 0;  // sum of squared differences from the mean (Welford 1962), while fitting

  void add(double value);
};

// `wanted` empty: all that any value has. The first sight of a channel gives its full name.
class ChannelFit {
 public:
  explicit ChannelFit(std::vector<std::string> wanted) : wanted_(std::move(wanted)) {}

  void add(const Recording& recording);
  // Throws Error(kInput) where no channel was met.
  std::vector<SeriesChannel> finish();

 private:
  std::vector<std::string> wanted_;
  std::vector<SeriesChannel> channels_;
};

// JSON and back. Throws Error(kInput), led by `where`, for text that channels_text did not write.
std::string channels_text(const std::vector<SeriesChannel>& channels);
std::vector<SeriesChannel> read_channels(std::string_view text, const std::string& where);

}  // namespace braid
