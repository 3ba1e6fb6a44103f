#include "braid/report/input_view.h"

#include <algorithm>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/modality/series/recording.h"
#include "braid/modality/sound/decode.h"
#include "braid/modality/tabular/cell_object.h"
#include "braid/report/value_thumbnail.h"

namespace braid {
namespace {

constexpr uint64_t kMostBytes = uint64_t{64} << 20;  // of a value shown in a page
constexpr int64_t kSoundRate = 8000;                 // enough to see a sound
constexpr size_t kMostTraces = 3, kMostCells = 24;

Bytes bytes_of(const Value& value) {
  if (!value.file.empty()) return fetch(value, kMostBytes);
  const auto bytes = as_bytes(value.text);
  return {bytes.begin(), bytes.end()};
}

void add_sound(const Value& value, InputView& view) {
  const auto samples = decode_sound(bytes_of(value), kSoundRate);
  view.seconds = static_cast<double>(samples.size()) / kSoundRate;
  view.traces.push_back({"", {samples.begin(), samples.end()}});
}

void add_columns(const Value& value, const std::string& prefix, InputView& view) {
  if (value.parts) {
    for (const auto& part : *value.parts) add_columns(part.value, part.column, view);
    return;
  }
  auto recording = read_recording(bytes_of(value), {});
  for (size_t c = 0; c < recording.columns.size() && view.traces.size() < kMostTraces; ++c) {
    const bool alone = recording.columns.size() == 1 && !prefix.empty();
    const auto name = alone ? prefix : (prefix.empty() ? "" : prefix + ".") + recording.names[c];
    view.traces.push_back({name, std::move(recording.columns[c])});
  }
}

void add_cells(const Value& value, InputView& view) {
  for (auto& [name, text] : parse_cells(bytes_of(value))) {
    if (view.cells.size() == kMostCells) break;
    view.cells.emplace_back(name, text.value_or(""));
  }
}

}  // namespace

InputView view_of_value(const std::string& field, std::string_view modality, const Value& value) {
  InputView view;
  view.field = field;
  try {
    if (modality == "audio") {
      add_sound(value, view);
    } else if (modality == "series") {
      add_columns(value, "", view);
    } else if (modality == "table") {
      add_cells(value, view);
    } else if (!value.file.empty()) {
      view.picture = fetch_thumbnail(value);
    }
  } catch (const Error&) {
    view.traces.clear();
  }
  const bool shown = !view.picture.bytes.empty() || !view.cells.empty() || !view.traces.empty();
  if (!shown) view.text = value.text.empty() ? value.file.filename().string() : value.text;
  return view;
}

}  // namespace braid
