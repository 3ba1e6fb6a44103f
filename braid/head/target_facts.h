// What the training rows say of a task's target: learned once, kept with the run. Torch-free.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/tokenizer/tokenizer.h"

namespace braid {

struct TargetFacts {
  int64_t rows = 0;  // training rows with a target
  // Of classification: classes in their order, and the training rows that have each.
  std::vector<std::string> classes;
  std::vector<int64_t> counts;
  // Of regression: columns, and of each column's numbers (deviation: of the population).
  std::vector<std::string> columns;
  std::vector<double> mean, deviation, median;
  // Of generation: labels of its columns ("en"; one "" where there are none), the text of each that
  // most training rows have, and the tokens of all.
  std::vector<std::string> languages = {};
  std::vector<std::string> usual = {};
  std::shared_ptr<const Tokenizer> tokenizer = {};
};

}  // namespace braid
