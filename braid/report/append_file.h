// A file that grows: every append is handed to the system before it returns.
#pragma once

#include <filesystem>
#include <string_view>

namespace braid {

class AppendFile {
 public:
  enum class Start { kNew, kContinue };  // kNew refuses a file that is already there

  // Throws Error(kIo), Error(kNotFound) for a folder that is not there.
  AppendFile(const std::filesystem::path& path, Start start);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // One write: after a kill the file ends with a whole append or, rarely, a part of the last one.
  // Throws Error(kIo) with the system's reason.
  void append(std::string_view bytes);
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int fd_;
};

}  // namespace braid
