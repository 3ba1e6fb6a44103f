// Columns of numbers on one clock, as a file or a cell gives them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

// A value NaN is missing. Every column has as many steps as there are times.
struct Recording {
  std::vector<std::string> names;            // of the columns
  std::vector<std::vector<double>> columns;  // [C][T]
  std::vector<double> times;                 // seconds, never falling

  int64_t steps() const { return static_cast<int64_t>(times.size()); }
};

struct RecordingLimits {
  int64_t max_values = int64_t{1} << 22;  // numbers of one recording, all columns
  int64_t max_columns = 1024;
};

// Reads .npy ([T] or [T, C]), JSON (rows, or an object of columns), lines of JSON, CSV (comma,
// semicolon or tab, with or without a header). Empty cells, null, NaN, NA and infinite numbers are
// missing, and so are numbers beyond 1e30. Columns without a name are called by their number, from
// 0; there are no times yet. Throws Error(kInput) with the line or step for anything else,
// Error(kLimit) over a limit.
Recording read_recording(std::span<const std::byte> bytes, const RecordingLimits& limits);

// Gives the recording its clock: the column `time` in units of `unit_s` seconds, which is taken
// out, or, where `time` is empty, `sample_rate` steps a second. Of rows of one time the last number
// of each column counts. Throws Error(kInput) where the clock runs backwards or has gaps.
void set_clock(Recording& recording, const std::string& time, double unit_s, double sample_rate);

// The number of the column called `name`, or, where no column is, of the one whose name ends in
// ".name". Throws Error(kInput), naming those there are.
size_t find_column(const Recording& recording, const std::string& name);

}  // namespace braid
