#include "braid/modality/series.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/modality/member.h"
#include "braid/modality/parts.h"
#include "braid/modality/series/channels.h"

namespace braid {
namespace {

// Normalised numbers beyond this say no more than this.
constexpr double kLargestNormal = 100;

struct JoinedSeries {
  Recording recording;
  std::set<std::string> parts;  // names of the columns that were joined
};

class SeriesModality final : public Modality {
 public:
  explicit SeriesModality(SeriesConfig config) : config_(std::move(config)) {}

  std::string_view name() const override { return "series"; }

  void fit(const ValueSource& values) override {
    ChannelFit fit(config_.channels);
    std::string problem;
    bool any = false;
    values([&](std::span<const std::byte> bytes) {
      try {
        fit.add(joined(bytes).recording);
        any = true;
      } catch (const Error& error) {  // what prepare refuses is counted and named there
        if (problem.empty()) problem = error.what();
      }
    });
    if (!any) {
      throw Error(ErrorCode::kInput, problem.empty() ? "series: the training split has no value"
                                                     : "no training value can be read: " + problem);
    }
    channels_ = fit.finish();
    if (!config_.channels.empty()) in_asked_order();
  }

  void save(const std::filesystem::path& folder, const std::string& field) const override {
    write_atomic(file_in(folder, field), channels_text(channels()));
  }

  void load(const std::filesystem::path& folder, const std::string& field) override {
    const auto path = file_in(folder, field);
    channels_ = read_channels(read_text(path, 1 << 24), path.string());
  }

  std::string learned() const override { return content_hash(channels_text(channels())); }

  std::map<std::string, int64_t> facts() const override {
    return {{"channels", static_cast<int64_t>(channels().size())},
            {"max_steps", config_.max_steps}};
  }

  Sample prepare(std::span<const std::byte> bytes) const override {
    const auto& wanted = channels();
    const JoinedSeries series = joined(bytes);
    const auto& times = series.recording.times;
    const auto count = static_cast<int64_t>(wanted.size());
    const int64_t features = 2 * count + 1;
    check_size(series.recording.steps(), features);
    Sample sample = series_sample(Array(DType::kF32, {series.recording.steps(), features}));
    const auto out = sample.values.mutable_values<float>();  // [T, 2 C + 1]
    bool any = false;
    for (size_t c = 0; c < wanted.size(); ++c) {
      const auto* column = column_of(series, wanted[c].name);
      for (size_t t = 0; column && t < times.size(); ++t) {
        const double value = (*column)[t];
        if (std::isnan(value)) continue;
        const size_t row = t * static_cast<size_t>(features);
        out[row + c] = scaled(value, wanted[c]);
        out[row + wanted.size() + c] = 1;
        any = true;
      }
    }
    if (!any) throw Error(ErrorCode::kInput, "series: every number is missing");
    for (size_t t = 0; t < times.size(); ++t) {
      out[(t + 1) * static_cast<size_t>(features) - 1] =
          static_cast<float>(std::min(times[t] - times[0], 1e30));
    }
    return sample;
  }

  Sample augment(const Sample& prepared, Rng& rng) const override {
    return random_series_view(prepared, config_.views, config_.max_steps, rng);
  }

  Sample view(const Sample& prepared) const override {
    return middle_series_view(prepared, config_.max_steps);
  }

  Sample collate(std::span<const Sample* const> views) const override {
    const auto features = static_cast<int64_t>(2 * channels().size() + 1);
    int64_t longest = 1;
    for (const auto* view : views) {
      if (view) longest = std::max(longest, view->values.size(0));
    }
    const auto rows = static_cast<int64_t>(views.size());
    Sample batch{Array(DType::kF32, {rows, longest, features}),
                 Array(DType::kBool, {rows, longest})};
    auto number = batch.values.mutable_values<float>().begin();  // [B, T, 2 C + 1]
    auto real = batch.mask.mutable_values<bool>().begin();       // [B, T]
    for (const auto* view : views) {
      if (view) {
        std::ranges::copy(view->values.values<float>(), number);
        std::fill_n(real, view->values.size(0), true);
      }
      number += longest * features;
      real += longest;
    }
    return batch;
  }

  uint64_t max_bytes() const override { return static_cast<uint64_t>(config_.max_bytes); }

 private:
  static std::filesystem::path file_in(const std::filesystem::path& folder,
                                       const std::string& field) {
    return folder / ("channels." + field + ".json");
  }

  const std::vector<SeriesChannel>& channels() const {
    if (channels_.empty()) throw Error(ErrorCode::kInternal, "series: call fit or load first");
    return channels_;
  }

  RecordingLimits limits() const { return {.max_values = config_.max_values}; }

  void check_size(int64_t steps, int64_t features) const {
    if (steps <= 2 * config_.max_values / features) return;
    throw Error(ErrorCode::kLimit,
                "series: " + std::to_string(steps) + " steps: expected at most " +
                    std::to_string(config_.max_values) + " numbers of all channels (max_values)");
  }

  // The value's columns on one clock.
  JoinedSeries joined(std::span<const std::byte> bytes) const {
    constexpr uint64_t kFrameBytes = 1 << 16;  // around joined columns
    if (bytes.size() > max_bytes() + kFrameBytes) {
      throw Error(ErrorCode::kLimit, "series of " + std::to_string(bytes.size()) +
                                         " bytes: expected at most " + std::to_string(max_bytes()) +
                                         " (max_bytes)");
    }
    JoinedSeries made;
    std::vector<Recording> recordings;
    const auto parts = split_parts(bytes);
    for (const auto& part : parts) {
      try {
        recordings.push_back(on_its_clock(part));
      } catch (const Error& problem) {
        if (part.name.empty()) throw;
        throw Error(problem.code(), part.name + ": " + problem.what());
      }
      if (!part.name.empty()) made.parts.insert(part.name);
    }
    if (recordings.empty()) throw Error(ErrorCode::kInput, "series: no column has a value");
    const ClockRule rule{config_.rate, config_.join, config_.tolerance_s};
    const bool as_it_is = recordings.size() == 1 && config_.rate == 0;
    made.recording = as_it_is ? std::move(recordings[0]) : join_clocks(recordings, rule, limits());
    return made;
  }

  Recording on_its_clock(const NamedPart& part) const {
    Recording recording = read_recording(part.bytes, limits());
    set_clock(recording, config_.time, config_.time_unit_s, config_.sample_rate);
    localise(recording, config_.gps);
    if (!part.name.empty()) {
      for (auto& name : recording.names) name = part.name + "." + name;
    }
    return recording;
  }

  // Nothing where the row lacks the column that the channel comes from.
  static const std::vector<double>* column_of(const JoinedSeries& series, const std::string& name) {
    const auto& names = series.recording.names;
    if (std::find(names.begin(), names.end(), name) == names.end() && !series.parts.empty()) {
      const auto starts = [&](const std::string& part) { return name.starts_with(part + "."); };
      if (std::none_of(series.parts.begin(), series.parts.end(), starts)) return nullptr;
    }
    return &series.recording.columns[find_column(series.recording, name)];
  }

  float scaled(double value, const SeriesChannel& channel) const {
    if (config_.normalise == SeriesScale::kNone) return static_cast<float>(value);
    const double normal = (value - channel.mean) / channel.deviation;
    return static_cast<float>(std::clamp(normal, -kLargestNormal, kLargestNormal));
  }

  // As the recipe lists them; each must have been met, under one name.
  void in_asked_order() {
    Recording met;
    for (const auto& channel : channels_) met.names.push_back(channel.name);
    std::vector<SeriesChannel> ordered;
    for (const auto& name : config_.channels) {
      ordered.push_back(channels_[find_column(met, name)]);
    }
    channels_ = std::move(ordered);
  }

  SeriesConfig config_;
  std::vector<SeriesChannel> channels_;
};

}  // namespace

std::unique_ptr<Modality> make_series(const ConfigNode& node) {
  auto config = read_member<SeriesConfig>(node);
  if (config.gps.latitude.empty() != config.gps.longitude.empty()) {
    node.fail("gps: expected latitude and longitude, or neither");
  }
  const std::set<std::string> apart(config.channels.begin(), config.channels.end());
  if (apart.size() != config.channels.size()) node.fail("channels: one stands twice");
  return std::make_unique<SeriesModality>(std::move(config));
}

ModalityMember member_series() { return modality_member<SeriesConfig>(make_series, Cells::kFiles, /*joins_columns=*/true); }

}  // namespace braid
