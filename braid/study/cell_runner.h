// Trains and evaluates the cells of a study that are missing, side by side. Torch-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "braid/engine/api.h"
#include "braid/study/study_folder.h"

namespace braid {

struct RunnerOptions {
  std::filesystem::path program;    // trains and evaluates, as `braid train` and `braid eval`
  int64_t jobs = 1;                 // cells at once, where memory allows
  bool ask_memory = true;           // else as many as `jobs` says
  std::optional<double> budget_s;   // no cell begins after it
  Watch watch;
};

struct FailedCell {
  Cell cell;
  int status = 0;  // of the process
  std::string message;
  std::filesystem::path log;
};

struct Sitting {
  std::vector<FailedCell> failed;
  std::vector<Cell> missing;  // that the budget left out
};

// A failed cell does not stop the others. Throws Error(kInterrupted) when `watch.stop` is set: the
// processes have saved and ended by then.
Sitting run_cells(const StudyFolder& folder, const StudyPlan& plan, const RunnerOptions& options);

}  // namespace braid
