// Members of a compressed tar by name, for readers that ask nearly in the order of the file. The
// tar is unpacked from front to back; what was passed over waits in a window of bounded size, and
// whatever is asked for after it has left the window costs a new start from the front.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "braid/core/file.h"
#include "braid/data/archive_stream.h"

namespace braid {

class MemberWindow {
 public:
  explicit MemberWindow(const std::filesystem::path& path) : path_(path) {}

  // Throws Error(kNotFound), Error(kLimit) over `limit` bytes, and as ArchiveStream. Many threads.
  Bytes read(const std::string& name, uint64_t limit);

  uint64_t memory() const { return kMaxWaiting + kMaxUsed; }

  static constexpr uint64_t kMaxWaiting = uint64_t{512} << 20;  // bytes not asked for yet
  static constexpr uint64_t kMaxUsed = uint64_t{32} << 20;      // asked for: once more, perhaps

 private:
  struct Kept {
    std::shared_ptr<const std::string> content;
    bool used = false;
  };
  struct Line {
    std::deque<std::string> names;
    uint64_t bytes = 0;
  };

  bool advance();  // one member further; false at the end
  void keep(Line& line, const std::string& name, uint64_t max_bytes, bool used);
  Bytes hand_out(const std::string& name, uint64_t limit);

  const std::filesystem::path path_;
  std::mutex lock_;
  std::unique_ptr<ArchiveStream> stream_;
  std::unordered_map<std::string, Kept> kept_;
  Line waiting_, used_;
};

// The window of `path`, shared by all who read it.
std::shared_ptr<MemberWindow> member_window(const std::filesystem::path& path);

}  // namespace braid
