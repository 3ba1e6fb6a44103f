// One `compare` at a time in a study's folder, and none beside cells that an earlier one left.
// Torch-free.
#pragma once

#include <filesystem>

#include "braid/engine/api.h"

namespace braid {

class StudyLock {
 public:
  // Makes the folder where there is none. Processes of cells hold a part of the lock until they
  // end: where a killed compare left some, which are saving and ending, this waits for them. Throws
  // Error(kState) for a folder that holds anything but a study, and where another process is
  // comparing there; Error(kInterrupted) while it waits; Error(kIo).
  StudyLock(const std::filesystem::path& folder, const Watch& watch);
  ~StudyLock();
  StudyLock(const StudyLock&) = delete;
  StudyLock& operator=(const StudyLock&) = delete;

 private:
  int own_ = -1, cells_ = -1;  // the second goes to child processes
};

}  // namespace braid
