// The texts that a task learns to write. Torch-free.
#pragma once

#include <vector>

#include "braid/task/target_table.h"

namespace braid {

// Learns the tokenizer from all texts of the rows. Throws Error(kConfig) for columns without a
// text, Error(kInput) naming the row for one that is not UTF-8.
TargetFacts learn_texts(const TaskConfig& task, const Dataset& data,
                        const std::vector<int64_t>& rows);

// [rows] Blank ones are none. Throws Error(kInput) as above.
std::vector<std::vector<TargetText>> read_texts(const TaskConfig& task, const TargetFacts& facts,
                                                const Dataset& data,
                                                const std::vector<int64_t>& rows);

}  // namespace braid
