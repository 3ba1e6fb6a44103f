// TensorBoard event files, without protobuf: TFRecord framing (masked crc32c) around Event messages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace braid {

class EventFile {
 public:
  // Makes events.out.tfevents.<unix time>.braid in `folder`. Throws Error(kIo).
  explicit EventFile(const std::filesystem::path& folder);
  ~EventFile();
  void scalars(int64_t step, double wall_time_s, const std::vector<std::pair<std::string, double>>& values);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace braid
