// `braid index sync`: an index that follows a folder.
#pragma once

#include "braid/engine/api.h"

namespace braid {

// Each thousand or so files are one transaction: a kill or an interrupt keeps what was done, and
// the same call goes on. Throws Error(kState) where more than `max_removed` would go, before
// anything changes.
SyncSummary sync_folder(const SyncRequest& request, const Watch& watch);

}  // namespace braid
