// What a run answered to the rows of a split, from all its fields, as its predictions file keeps
// it. Torch-free.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/array.h"
#include "braid/recipe/recipe.h"

namespace braid {

struct KeptAnswers {
  std::string question;  // "test/digit": protocol and task
  TaskConfig task;
  std::vector<std::string> keys;  // [N] of the rows
  Array answers;                  // [N, C] double, as Head::answers
  Array targets;                  // [N, K] double, as TargetTable; empty of matching
  std::vector<uint8_t> carries;   // [N] a field of the row could be read
  std::vector<uint8_t> unseen;    // [N] has a label that no training row has; empty: none
};

// One each protocol and task. Throws Error(kInput) for a file that is not a run's of this recipe.
std::vector<KeptAnswers> read_kept_answers(const std::filesystem::path& file, const Recipe& recipe);

}  // namespace braid
