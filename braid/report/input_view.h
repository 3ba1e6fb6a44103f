// One value of a sample as a page shows it: a small picture, text, cells of a table, a waveform.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "braid/data/dataset.h"
#include "braid/modality/picture/thumbnail.h"

namespace braid {

struct InputView {
  std::string field;
  Thumbnail picture;  // or empty bytes
  std::string text;   // or what the value is called; ""
  std::vector<std::pair<std::string, std::string>> cells;  // of a table
  struct Trace {
    std::string name;            // of a column; "" of a sound
    std::vector<double> values;  // over time; NaN where one is missing
  };
  std::vector<Trace> traces;  // of a sound or a series
  double seconds = 0;         // of a sound
  Thumbnail heat = {};        // of the picture: what a text rests on; or empty bytes
};

// A value that cannot be read shows its name alone.
InputView view_of_value(const std::string& field, std::string_view modality, const Value& value);

}  // namespace braid
