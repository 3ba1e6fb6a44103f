// What the program shows people: progress, tables, errors.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/loader.h"
#include "braid/metric/metric.h"

namespace braid {

// A bar with rate and ETA on a terminal, a plain line every few seconds elsewhere; on standard
// error, so that results on standard output stay clean. `quiet` shows nothing.
ProgressSink progress_display(bool quiet);

std::string duration_text(double seconds);  // "1:05", "2:03:09"

// Unreadable samples, the first few by name, on standard error.
void print_bad(const std::vector<BadSample>& bad);

// Remarks on a result, a line each, on standard error.
void print_notes(const std::vector<std::string>& notes);

// Set by Ctrl-C and SIGTERM; a second one ends the program at once.
StopFlag& stop_on_signals();

}  // namespace braid
