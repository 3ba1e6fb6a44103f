#include "braid/report/event_file.h"

#include <chrono>
#include <string>

namespace braid {
namespace {

double unix_time_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::filesystem::path free_event_name(const std::filesystem::path& folder, double now_s) {
  const auto name = "events.out.tfevents." + std::to_string(static_cast<int64_t>(now_s)) + ".braid";
  auto path = folder / name;
  for (int i = 1; std::filesystem::exists(path); ++i)
    path = folder / (name + "." + std::to_string(i));
  return path;
}

}  // namespace

EventFile::EventFile(const std::filesystem::path& folder) {
  const double now_s = unix_time_s();
  file_ = std::make_unique<AppendFile>(free_event_name(folder, now_s), AppendFile::Start::kNew);
  file_->append(version_record(now_s));
}

void EventFile::scalars(int64_t step, double wall_time_s, const std::vector<NamedValue>& values) {
  file_->append(scalar_record(step, wall_time_s, values));
}

}  // namespace braid
