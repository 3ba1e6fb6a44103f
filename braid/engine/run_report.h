// report.html of a run, made from what the run directory holds.
#pragma once

#include "braid/run/run_directory.h"

namespace braid {

void write_run_report(const RunDirectory& run);

}  // namespace braid
