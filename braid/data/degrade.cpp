#include "braid/data/degrade.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "braid/core/config.h"
#include "braid/core/error.h"
#include "braid/data/file_columns.h"
#include "braid/data/moved_row.h"
#include "braid/data/tar_writer.h"
#include "braid/modality/picture/decode.h"
#include "braid/modality/picture/encode.h"
#include "braid/modality/sound/decode.h"
#include "braid/modality/sound/encode.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLargestValue = uint64_t{256} << 20;
constexpr double kMostDb = 100;

void check_degrade(const DegradeConfig& config) {
  const auto refuse = [](const std::string& why) {
    throw Error(ErrorCode::kUsage, "degrade: " + why);
  };
  if (config.columns.empty())
    refuse("what is made worse? expected --erase COLUMN=SHARE or --noise COLUMN=DECIBELS");
  for (const auto& [column, by] : config.columns) {
    if (!(by.erase >= 0 && by.erase <= 1))
      refuse("--erase " + column + ": expected a share of 0 .. 1, got " + number_text(by.erase));
    if (by.noise_db && !(std::abs(*by.noise_db) <= kMostDb))
      refuse("--noise " + column + ": expected -100 .. 100 dB, got " + number_text(*by.noise_db));
  }
  if (config.output.extension() != ".jsonl")
    refuse("'" + config.output.string() + "': expected the name of a manifest to write, .jsonl");
}

struct DegradedFile {
  std::string extension;
  Bytes content;
};

DegradedFile degraded(const Value& value, const Degradation& by, int64_t rate, Rng rng) {
  const auto content = fetch(value, kLargestValue);
  if (is_picture(content)) {
    auto picture = decode_image(content);
    degrade(picture, by, rng);
    return {".png", encode_png(picture)};
  }
  auto sound = decode_sound(content, rate);
  degrade(sound, by, rng);
  return {".flac", encode_flac(sound, rate)};
}

std::string member_stem(int64_t row, const std::string& column) {
  auto name = std::to_string(row);
  name.insert(0, name.size() < 6 ? 6 - name.size() : 0, '0');
  name += ".";
  for (const char c : column) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

// All columns that name files, those to be degraded among them.
std::vector<FieldSource> fields_of(const DegradeConfig& config, const ProgressSink& progress) {
  auto fields = file_fields(config.data, config.base, config.files, progress);
  for (const auto& [column, by] : config.columns) {
    if (std::ranges::find(fields, column, &FieldSource::field) == fields.end())
      fields.push_back({column, "file", {{"", {column}}}});
  }
  return fields;
}

// Rows one after another into a tar.
class Degrader {
 public:
  Degrader(const DegradeConfig& config, const Dataset& data)
      : config_(config),
        data_(data),
        folder_(config.output.parent_path()),
        tar_path_(fs::path(config.output).replace_extension(".tar")),
        tar_(tar_path_, false) {}

  Row row(int64_t row) {
    auto cells = moved_row(data_, row, 0, folder_);
    for (size_t field = 0; field < data_.fields().size(); ++field) {
      const auto& column = data_.fields()[field].field;
      const auto by = config_.columns.find(column);
      if (by == config_.columns.end()) continue;
      std::vector<std::string> names;
      for (const auto& value : data_.values(row, field, 0)) {
        try {
          names.push_back(add(row, column, value, by->second, names.size()));
        } catch (const Error& problem) {
          throw Error(problem.code(), data_.where(row) + ": " + naming(value, problem.what()));
        }
      }
      put_values(cells, column, names);
    }
    ++summary_.rows;
    return cells;
  }

  DegradeSummary finish() {
    tar_.commit();
    return summary_;
  }

 private:
  std::string add(int64_t row, const std::string& column, const Value& value,
                  const Degradation& by, size_t place) {
    const Rng rng(config_.seed, place, mix(0, data_.key(row)), column);
    const auto made = degraded(value, by, config_.rate, rng);
    const auto name = member_stem(summary_.rows, column) +
                      (place ? "-" + std::to_string(place) : "") + made.extension;
    tar_.add(name, made.content);
    ++summary_.files;
    return tar_path_.filename().string() + "#" + name;
  }

  const DegradeConfig& config_;
  const Dataset& data_;
  const fs::path folder_, tar_path_;
  TarWriter tar_;
  DegradeSummary summary_;
};

}  // namespace

DegradeSummary degrade_data(const DegradeConfig& config, const ProgressSink& progress,
                            const StopFlag* stop) {
  check_degrade(config);
  const auto data = open_dataset(config.data, fields_of(config, progress), config.base);
  const auto rows = data->rows(config.split);
  if (rows.empty())
    throw Error(ErrorCode::kUsage, "the data has no rows in split '" + config.split + "'");
  if (config.output.has_parent_path()) make_folder(config.output.parent_path());
  Degrader degrader(config, *data);
  std::string manifest;
  Meter meter(progress, "degrade", "row", static_cast<int64_t>(rows.size()));
  for (const int64_t row : rows) {
    if (stop && stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped; nothing is written");
    manifest += degrader.row(row).dump() + "\n";
    meter.advance(1);
  }
  const auto summary = degrader.finish();
  write_atomic(config.output, manifest);
  meter.finish();
  return summary;
}

}  // namespace braid
