// A child process of a study: the program itself, at work on one cell. Torch-free.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace braid {

// In a process group of its own, so that a terminal's Ctrl-C reaches it once, through interrupt().
// Where the thread that started it ends, by kill -9 too, it is told to stop (SIGTERM) and saves.
class CellProcess {
 public:
  // `arguments` after the program's name; its output is appended to `log`; it computes with
  // `threads`. Throws Error(kIo).
  CellProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments,
              const std::filesystem::path& log, int64_t threads);
  ~CellProcess();  // kills what still runs
  CellProcess(const CellProcess&) = delete;
  CellProcess& operator=(const CellProcess&) = delete;

  bool running();
  int status() const { return status_; }  // of one that ended: exit status, or 128 + signal
  void interrupt() const;                 // SIGINT: it saves and ends
  int64_t memory_mb() const;              // that it holds now, 0 where it is not known

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace braid
