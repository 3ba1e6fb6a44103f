// TensorBoard event files, without protobuf: see event_record.h for the bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "braid/report/append_file.h"
#include "braid/report/event_record.h"

namespace braid {

// A resumed run makes another file: TensorBoard reads all of a folder, in the order of their names.
class EventFile {
 public:
  // Makes events.out.tfevents.<unix time>.braid in `folder`, with a further number where that name
  // is taken. Throws Error(kIo), Error(kNotFound) for a folder that is not there.
  explicit EventFile(const std::filesystem::path& folder);

  // One event, handed to the system before it returns. Values are stored as float32, `wall_time_s`
  // counts from 1970. Throws Error(kIo).
  void scalars(int64_t step, double wall_time_s, const std::vector<NamedValue>& values);
  const std::filesystem::path& path() const { return file_->path(); }

 private:
  std::unique_ptr<AppendFile> file_;
};

}  // namespace braid
