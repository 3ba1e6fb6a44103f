#include "braid/study/study_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr auto kLockPause = std::chrono::milliseconds(100);

int open_lock(const fs::path& path, int flags) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | flags, 0644);
  if (fd < 0) throw Error(ErrorCode::kIo, path.string() + ": " + std::strerror(errno));
  return fd;
}

void expect_ours(const fs::path& folder) {
  std::error_code ignored;
  const bool ours =
      fs::exists(folder / "study.lock", ignored) || fs::exists(folder / "study.json", ignored);
  if (ours || !fs::exists(folder, ignored) || fs::is_empty(folder, ignored)) return;
  throw Error(ErrorCode::kState,
              folder.string() + ": is no study and not empty; choose another -o");
}

}  // namespace

StudyLock::StudyLock(const fs::path& folder, const Watch& watch) {
  expect_ours(folder);
  make_folder(folder);
  own_ = open_lock(folder / "study.lock", O_CLOEXEC);
  if (::flock(own_, LOCK_EX | LOCK_NB) != 0) {
    ::close(own_);
    throw Error(ErrorCode::kState, folder.string() + ": another process is comparing there");
  }
  cells_ = open_lock(folder / "cells.lock", 0);
  bool told = false;
  while (::flock(cells_, LOCK_EX | LOCK_NB) != 0) {
    if (watch.stop && watch.stop->requested()) {
      ::close(cells_);
      ::close(own_);
      throw Error(ErrorCode::kInterrupted, "interrupted, nothing was begun");
    }
    if (!told && watch.sink) {
      watch.sink({.stage = "compare",
                  .note = "waiting for processes of an earlier compare, which are saving",
                  .notice = true});
    }
    told = true;
    std::this_thread::sleep_for(kLockPause);
  }
}

StudyLock::~StudyLock() {
  ::close(cells_);
  ::close(own_);
}

}  // namespace braid
