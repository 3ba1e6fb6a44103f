// The recipe's word on columns: {age: numeric, stage: {ordinal: [I, II]}, seen: {date: dmy}}.
#pragma once

#include <map>
#include <string>

#include "braid/core/config.h"
#include "braid/modality/tabular/cell_tally.h"

namespace braid {

// By column; `skip` is the kind empty. Throws Error(kConfig) at the node for anything else.
std::map<std::string, ColumnChoice> read_choices(const ConfigNode& columns);

}  // namespace braid
