// The bytes of TensorBoard event files: Event protobuf messages in TFRecord frames.
//   frame    u64 length, u32 masked crc32c(length), message, u32 masked crc32c(message);
//   little-endian Event    1 double wall_time, 2 int64 step, 3 string file_version | 5 Summary
//   summary Summary  1 repeated Value;  Value: 1 string tag, 2 float simple_value
// Source: tensorflow/core/util/event.proto, framework/summary.proto, lib/io/record_writer.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace braid {

using NamedValue = std::pair<std::string, double>;

uint32_t crc32c(std::string_view bytes);  // Castagnoli, reflected, as iSCSI has it

// Whole frames, ready to be appended to a file. The first record of a file is the version.
std::string version_record(double wall_time_s);
std::string scalar_record(int64_t step, double wall_time_s, std::span<const NamedValue> values);

}  // namespace braid
