#include "braid/modality/series/channels.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"

namespace braid {
namespace {

// Below this a channel that never changes is only shifted.
constexpr double kLeastDeviation = 1e-12;

using ChannelJson = nlohmann::ordered_json;

bool is_called(const std::string& column, const std::string& wanted) {
  return column == wanted || column.ends_with("." + wanted);
}

}  // namespace

void SeriesChannel::add(double value) {
  ++count;
  const double off = value - mean;
  mean += off / static_cast<double>(count);
  squares += off * (value - mean);
}

void ChannelFit::add(const Recording& recording) {
  for (size_t c = 0; c < recording.names.size(); ++c) {
    const auto& name = recording.names[c];
    auto known = std::find_if(channels_.begin(), channels_.end(),
                              [&](const SeriesChannel& channel) { return channel.name == name; });
    if (known == channels_.end()) {
      const bool asked =
          wanted_.empty() || std::any_of(wanted_.begin(), wanted_.end(),
                                         [&](const auto& w) { return is_called(name, w); });
      if (!asked) continue;
      known = channels_.insert(channels_.end(), SeriesChannel{.name = name});
    }
    for (const double value : recording.columns[c]) {
      if (!std::isnan(value)) known->add(value);
    }
  }
}

std::vector<SeriesChannel> ChannelFit::finish() {
  if (channels_.empty()) throw Error(ErrorCode::kInput, "series: no training value has a channel");
  for (auto& channel : channels_) {
    if (channel.count == 0) {
      throw Error(ErrorCode::kInput, "series: channel '" + channel.name +
                                         "' has no number in the training split: leave it out "
                                         "(channels lists those to use)");
    }
    const double deviation = std::sqrt(channel.squares / static_cast<double>(channel.count));
    channel.deviation = deviation > kLeastDeviation ? deviation : 1;
  }
  return channels_;
}

std::string channels_text(const std::vector<SeriesChannel>& channels) {
  auto list = ChannelJson::array();
  for (const auto& channel : channels) {
    list.push_back({{"name", channel.name},
                    {"mean", channel.mean},
                    {"deviation", channel.deviation},
                    {"count", channel.count}});
  }
  return ChannelJson{{"channels", list}}.dump(1) + "\n";
}

std::vector<SeriesChannel> read_channels(std::string_view text, const std::string& where) {
  std::vector<SeriesChannel> channels;
  try {
    const auto root = ChannelJson::parse(text);
    for (const auto& item : root.at("channels")) {
      channels.push_back({item.at("name").get<std::string>(), item.at("mean").get<double>(),
                          item.at("deviation").get<double>(), item.at("count").get<int64_t>()});
      const auto& made = channels.back();
      if (!std::isfinite(made.mean) || !(made.deviation > 0)) {
        throw Error(ErrorCode::kInput,
                    where + ": channel '" + made.name + "': odd mean or deviation");
      }
    }
  } catch (const ChannelJson::exception& problem) {
    throw Error(ErrorCode::kInput, where + ": not the channels of a series: " + problem.what());
  }
  if (channels.empty()) throw Error(ErrorCode::kInput, where + ": lists no channel");
  return channels;
}

}  // namespace braid
