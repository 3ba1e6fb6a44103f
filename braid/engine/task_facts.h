// What training rows say of the targets, kept with the run: tasks.json and, of tasks that write,
// tokenizer.task.NAME.json.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "braid/head/target_facts.h"
#include "braid/recipe/recipe.h"

namespace braid {

// Nothing where the recipe has no tasks.
void write_task_facts(const std::filesystem::path& run, const Recipe& recipe,
                      const std::vector<TargetFacts>& facts);

// In the recipe's order. Throws Error(kNotFound) for no tasks.json, Error(kInput) where it is not
// what a run of this recipe writes, or a tokenizer is missing or damaged.
std::vector<TargetFacts> read_task_facts(const std::filesystem::path& run, const Recipe& recipe);

// "digit: classification, 10 classes in 2400 rows, from 240 of 0 to 240 of 9", for people.
std::vector<std::string> task_fact_lines(const Recipe& recipe,
                                         const std::vector<TargetFacts>& facts);

}  // namespace braid
